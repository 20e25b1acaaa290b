// Writes the API's types from its document; with --check it only says whether they are current.
import { readFile, writeFile } from 'node:fs/promises'
import openapiTS, { astToString } from 'openapi-typescript'

const target = new URL('../src/api/schema.gen.ts', import.meta.url)
const source = new URL('../../api/openapi.yaml', import.meta.url)
const text = '// Written by `npm run gen` from api/openapi.yaml. Do not edit.\n' + astToString(await openapiTS(source))

if (process.argv.includes('--check')) {
  const present = await readFile(target, 'utf8').catch(() => '')
  if (present !== text) {
    console.error('src/api/schema.gen.ts does not fit api/openapi.yaml: run npm run gen')
    process.exit(1)
  }
} else {
  await writeFile(target, text)
}
