// Writes desk/src/api/schema.ts from the engine's OpenAPI document, so that the desk's types are those of the API
// that is served. Needs the project's .venv (python3 cc.py setup).
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import openapiTS, { astToString } from 'openapi-typescript'

const root = fileURLToPath(new URL('../..', import.meta.url))
const target = fileURLToPath(new URL('../desk/src/api/schema.ts', import.meta.url))
const print = 'from contact_center.api.openapi import document; print(document())'
const document = execFileSync(`${root}.venv/bin/python`, ['-c', print], {
  cwd: root,
  encoding: 'utf8',
  maxBuffer: 64 * 1024 * 1024,
})
const tree = await openapiTS(JSON.parse(document), { defaultNonNullable: false })
writeFileSync(target, '// Made by `npm run types` from the OpenAPI document; not to be edited.\n' + astToString(tree))
