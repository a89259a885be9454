import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { defineConfig, type Plugin } from 'vite'

// Built into the engine's package, which serves it at /desk/. `npm run dev` passes the API on to a running engine.
const engine = process.env.CC_ENGINE ?? 'http://127.0.0.1:8080'
const outDir = join(import.meta.dirname, '../../contact_center/static/desk')

/** Beside each file its compressed twins, which the engine sends to whoever takes them. */
const compressed: Plugin = {
  name: 'compressed',
  apply: 'build',
  closeBundle() {
    for (const file of readdirSync(outDir, { recursive: true, encoding: 'utf8' })) {
      if (!/\.(js|css|svg)$/.test(file)) continue
      const path = join(outDir, file)
      const whole = readFileSync(path)
      writeFileSync(`${path}.gz`, gzipSync(whole, { level: constants.Z_BEST_COMPRESSION }))
      writeFileSync(`${path}.br`, brotliCompressSync(whole))
    }
  },
}

export default defineConfig({
  root: import.meta.dirname,
  base: '/desk/',
  plugins: [compressed],
  build: {
    outDir,
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2022',
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'], // these know light-dark()
    rolldownOptions: {
      // Mantine marks its files for frameworks that render on the server; here that means nothing.
      onwarn: (warning, warn) => (warning.code === 'MODULE_LEVEL_DIRECTIVE' ? undefined : warn(warning)),
    },
  },
  server: {
    proxy: { '/api': { target: engine, ws: true }, '/phone': { target: engine, ws: true } },
  },
})
