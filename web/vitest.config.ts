import { defineConfig } from 'vitest/config'

export default defineConfig({ test: { include: ['{desk,widget,phone,shared}/**/*.test.ts'], environment: 'node' } })
