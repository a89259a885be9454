import { defineConfig } from 'vite'

// Built into the engine's package, which serves it at /phone. `npx vite phone` passes the rest on to a running engine.
const engine = process.env.CC_ENGINE ?? 'http://127.0.0.1:8080'

export default defineConfig({
  root: import.meta.dirname,
  base: '/phone/',
  build: {
    outDir: '../../contact_center/static/phone',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2022',
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'], // these know light-dark()
  },
  server: { proxy: { '/phone/socket': { target: engine, ws: true }, '/phone/recordings': engine } },
})
