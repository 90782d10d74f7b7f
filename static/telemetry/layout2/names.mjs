/** How objects of layout 2 are named below the published prefix; docs/layout-2.md. */

export const LATEST = "latest.json";
export const manifestPath = (digest) => `manifests/${digest}`;
export const packPath = (digest) => `packs/${digest}`;
export const documentPath = (digest) => `documents/${digest}`;

/** CRC-32 of bytes, as zlib has it. */
function crc32(bytes) {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

/** The block of a measure, of so many blocks. */
export const blockOf = (measure, blocks) => String((crc32(new TextEncoder().encode(measure)) % 64) % blocks);
