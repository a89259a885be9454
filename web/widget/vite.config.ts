import { defineConfig } from 'vite'

// One classic script that runs on any page, built into the engine's package, which serves it at /chat/widget.js.
export default defineConfig({
  root: import.meta.dirname,
  build: {
    outDir: '../../contact_center/static/widget',
    emptyOutDir: true,
    target: 'es2020',
    lib: { entry: 'src/main.ts', formats: ['iife'], name: 'ContactCenterWidget', fileName: () => 'widget.js' },
  },
})
