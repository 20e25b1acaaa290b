// Reads one file out of a zip archive, such as the sheet of a spreadsheet.
import { inflateRawSync } from 'node:zlib'

/** @param {Buffer} zip @param {string} name */
export function unzip(zip, name) {
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06'))
  let at = zip.readUInt32LE(end + 16)
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    const [nameLength, extra, comment] = [28, 30, 32].map((n) => zip.readUInt16LE(at + n))
    if (zip.toString('utf8', at + 46, at + 46 + nameLength) === name) {
      const [packed, local] = [zip.readUInt32LE(at + 20), zip.readUInt32LE(at + 42)]
      const from = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28)
      const bytes = zip.subarray(from, from + packed)
      return (zip.readUInt16LE(at + 10) === 8 ? inflateRawSync(bytes) : bytes).toString('utf8')
    }
    at += 46 + nameLength + extra + comment
  }
  throw new Error(`${name} is not in the archive`)
}
