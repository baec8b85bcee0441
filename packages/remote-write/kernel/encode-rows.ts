// Writes the entries of a list and compresses them: RowMessage, RowCompressor and OpenCompressor (src/v1/template) in AssemblyScript, which
// copies sixteen bytes at a time and compares eight. Same lists and numbers, same elements, byte for byte. `node scripts/build-kernel.js`
// compiles it.

/** What a call is given and gives: JavaScript writes and reads it in place. The label sets of a list, back to back. */
const labels: StaticArray<u8> = new StaticArray<u8>(524288)
/** Where the labels of each row end. */
const ends: StaticArray<u32> = new StaticArray<u32>(2048)
/** As they are sent: a NaN has the bits that it shall have. */
const values: StaticArray<u64> = new StaticArray<u64>(2048)
/** Safe integers. */
const times: StaticArray<f64> = new StaticArray<f64>(2048)
/** After a call the length of the message and, where places were left open, how many timestamps stand in the elements. */
const state: StaticArray<u32> = new StaticArray<u32>(2)
/** After a call the elements. A literal has at most three bytes of tag, and there are four bytes of a copy to each. */
const elements: StaticArray<u8> = new StaticArray<u8>(2129952)
/** Where the value of each row goes: in the message, and after a call that left places open in the elements. */
const valuePlaces: StaticArray<u32> = new StaticArray<u32>(2048)
/** Where timestamps go in the elements. */
const timestampPlaces: StaticArray<u32> = new StaticArray<u32>(2048)
/** A field takes less than three times the bytes of its label, and a row 64 bytes at most beside its labels. */
const message: StaticArray<u8> = new StaticArray<u8>(1703936)

export const labelsAt: usize = changetype<usize>(labels)
export const endsAt: usize = changetype<usize>(ends)
export const valuesAt: usize = changetype<usize>(values)
export const timesAt: usize = changetype<usize>(times)
export const stateAt: usize = changetype<usize>(state)
export const elementsAt: usize = changetype<usize>(elements)
export const valuePlacesAt: usize = changetype<usize>(valuePlaces)
export const timestampPlacesAt: usize = changetype<usize>(timestampPlaces)
const messageAt: usize = changetype<usize>(message)

/** Tags of fields: the entry, a label in it, its name and its value; the sample, its value and its timestamp. */
const seriesTag: u32 = 0x0a
const labelTag: u32 = 0x0a
const nameTag: u32 = 0x0a
const labelValueTag: u32 = 0x12
const sampleTag: u32 = 0x12
const valueTag: u32 = 0x09
const timestampTag: u32 = 0x10

/** As in row-message.ts: what stands in open places. */
const openValue: u64 = 0xffffffffffffffff
const openTimestamp: u64 = 0xf8f7f6f5c1c0
const openTimestampBytes: u32 = 6

/** Writes the entries of so many rows and compresses them. Returns the length of the elements. */
export function encodeRows(rows: u32): u32 {
  const length = writeRows(rows, false)
  begin(length)
  compress(rows, length)
  return <u32>(out - elementsAt)
}

/** The same with places left open for values and timestamps. */
export function encodeOpenRows(rows: u32): u32 {
  const length = writeRows(rows, true)
  begin(length)
  compressOpen(rows, length)
  return <u32>(out - elementsAt)
}

/** A timestamp as a varint, in the lowest bytes of two words. */
let timeLow: u64 = 0
let timeHigh: u64 = 0
let timeBytes: u32 = 0

/** Returns the length of the message. */
function writeRows(rows: u32, isOpen: bool): u32 {
  let at = messageAt
  let from = labelsAt
  // What the row before took around the bytes of its labels: most often the next one has as many.
  let around: usize = 0
  let time: f64 = NaN
  if (isOpen) {
    timeLow = openTimestamp
    timeBytes = openTimestampBytes
  }
  for (let row: u32 = 0; row < rows; row++) {
    const to = labelsAt + <usize>load<u32>(endsAt + (row << 2))
    if (!isOpen && load<f64>(timesAt + (row << 3)) !== time) {
      time = load<f64>(timesAt + (row << 3))
      setTime(time)
    }
    const sampleBytes = 10 + timeBytes
    const guess = varintBytes(to - from + around + 2 + sampleBytes)
    const fieldsAt = at + 1 + guess
    let fieldsEnd = writeLabels(from, to, fieldsAt)
    around = fieldsEnd - fieldsAt - (to - from)
    const entryBytes = fieldsEnd - fieldsAt + 2 + sampleBytes
    const shift = varintBytes(entryBytes) - guess
    if (shift !== 0) memory.copy(fieldsAt + shift, fieldsAt, fieldsEnd - fieldsAt)
    fieldsEnd += shift
    store<u8>(at, seriesTag)
    writeVarint(at + 1, entryBytes)
    store<u8>(fieldsEnd, sampleTag)
    store<u8>(fieldsEnd, sampleBytes, 1)
    store<u8>(fieldsEnd, valueTag, 2)
    store<u32>(valuePlacesAt + (row << 2), <u32>(fieldsEnd + 3 - messageAt))
    store<u64>(fieldsEnd, isOpen ? openValue : load<u64>(valuesAt + (row << 3)), 3)
    store<u8>(fieldsEnd, timestampTag, 11)
    store<u64>(fieldsEnd, timeLow, 12)
    store<u64>(fieldsEnd, timeHigh, 20)
    at = fieldsEnd + 12 + timeBytes
    from = to
  }
  return <u32>(at - messageAt)
}

/** An int64: one to ten bytes. */
function setTime(ms: f64): void {
  let left = <u64>(<i64>ms)
  timeLow = 0
  timeHigh = 0
  timeBytes = 0
  for (;;) {
    const byte = left > 0x7f ? (left & 0x7f) | 0x80 : left
    if (timeBytes < 8) timeLow |= byte << (timeBytes << 3)
    else timeHigh |= byte << ((timeBytes - 8) << 3)
    timeBytes++
    left >>>= 7
    if (left === 0) break
  }
}

/** Labels in their canonical encoding (length name length value) as fields of an entry. Returns where they end. */
function writeLabels(from: usize, end: usize, at: usize): usize {
  while (from < end) {
    const value = textEnd(from)
    const next = textEnd(value)
    store<u8>(at, labelTag)
    at = writeVarint(at + 1, 2 + next - from)
    store<u8>(at, nameTag)
    at = copyBytes(from, value - from, at + 1)
    store<u8>(at, labelValueTag)
    at = copyBytes(value, next - value, at + 1)
    from = next
  }
  return at
}

/** Where a text ends whose length stands at `at`. */
function textEnd(at: usize): usize {
  let byte = <usize>load<u8>(at++)
  if (byte < 0x80) return at + byte
  let length = byte & 0x7f
  for (let shift: usize = 7; byte >= 0x80; shift += 7) {
    byte = <usize>load<u8>(at++)
    length |= (byte & 0x7f) << shift
  }
  return at + length
}

function varintBytes(value: usize): usize {
  let bytes: usize = 1
  for (; value > 0x7f; value >>>= 7) bytes++
  return bytes
}

/** Returns the address after it. */
function writeVarint(at: usize, value: usize): usize {
  for (; value > 0x7f; value >>>= 7) store<u8>(at++, (value & 0x7f) | 0x80)
  store<u8>(at, value)
  return at + 1
}

/** Copies at least one byte, and up to fifteen more. Returns the address after those that were asked for. */
function copyBytes(from: usize, count: usize, at: usize): usize {
  for (let done: usize = 0; done < count; done += 16) v128.store(at + done, v128.load(from + done))
  return at + count
}

/** As in match-finder.ts. */
const wordBytes: u32 = 4
const tableBits: u32 = 13
const maxBase: u32 = 1073741824
const maxOffset: u32 = 65535
/** Of each hash, where it was seen last, plus the base: what is below the base was seen in a message before. */
const latest: StaticArray<u32> = new StaticArray<u32>(8192)
/** Of each place that was looked at, as far back as copies reach, where its hash was seen before. */
const before: StaticArray<u32> = new StaticArray<u32>(65536)
const latestAt: usize = changetype<usize>(latest)
const beforeAt: usize = changetype<usize>(before)
let base: u32 = 1
let lastLength: u32 = 0

/** As in row-compressor.ts and open-compressor.ts. */
const patience: u32 = 8
const openCandidates: u32 = 4

/** Where the elements go on. */
let out: usize = 0
/** Where the match ends that was found. */
let found: u32 = 0

function begin(length: u32): void {
  store<u32>(stateAt, length)
  store<u32>(stateAt, 0, 4)
  out = elementsAt
  base += lastLength
  lastLength = length
  if (base > maxBase) {
    base = 1
    memory.fill(latestAt, 0, 4 << tableBits)
  }
}

function compress(rows: u32, length: u32): void {
  let literalFrom: u32 = 0
  let at: u32 = 0
  for (let row: u32 = 0; row <= rows; row++) {
    const place = row === rows ? length : load<u32>(valuePlacesAt + (row << 2))
    while (at + wordBytes <= place) {
      const isSkipped = at > literalFrom + patience && isInside(byteAt(at - 1))
      const offset = isSkipped ? 0 : find(at, length, 1)
      if (offset === 0) {
        at++
        continue
      }
      at = matchStart(at, offset, literalFrom)
      if (at > literalFrom) writeLiteral(literalFrom, at)
      writeCopy(offset, found - at)
      at = found
      literalFrom = at
    }
    if (row < rows) at = max(at, place + 8)
  }
  if (length > literalFrom) writeLiteral(literalFrom, length)
}

function compressOpen(rows: u32, length: u32): void {
  let from: u32 = 0
  for (let row: u32 = 0; row < rows; row++) {
    const place = load<u32>(valuePlacesAt + (row << 2))
    compressBetween(from, place, place + 8)
    store<u32>(valuePlacesAt + (row << 2), <u32>(out - elementsAt) - 8)
    from = place + 8
  }
  compressBetween(from, length, length)
}

/** What stands between two values, up to `to`, and the value after it, up to `end`. */
function compressBetween(from: u32, to: u32, end: u32): void {
  let literalFrom = from
  let at = from
  while (at + wordBytes <= to) {
    const offset = find(at, to, openCandidates)
    if (offset === 0) {
      at++
      continue
    }
    at = matchStart(at, offset, literalFrom)
    if (at > literalFrom) writeOpenLiteral(literalFrom, at, from)
    writeCopy(offset, found - at)
    at = found
    literalFrom = at
  }
  if (end > literalFrom) writeOpenLiteral(literalFrom, end, from)
}

/** A literal; the first one behind a value has the timestamp of its row after its tag. */
function writeOpenLiteral(from: u32, to: u32, begin: u32): void {
  writeLiteral(from, to)
  if (from !== begin || begin === 0) return
  const count = load<u32>(stateAt, 4)
  store<u32>(timestampPlacesAt + (count << 2), <u32>(out - elementsAt) - (to - from) + 1)
  store<u32>(stateAt, count + 1, 4)
}

function byteAt(at: u32): u32 {
  return load<u8>(messageAt + at)
}

/** Whether a byte stands inside of a word: letters, digits, and what is not ASCII. */
function isInside(byte: u32): bool {
  return byte >= 0x80 || (byte | 0x20) - 0x61 < 26 || byte - 0x30 < 10
}

/** Looks for bytes like those at `at`, up to `to` at most. Returns how far back they are, and 0 where there are not four of them. */
@inline
function find(at: u32, to: u32, candidates: u32): u32 {
  const word = load<u32>(messageAt + at)
  const slot = latestAt + (((word * 0x1e35a7bd) >>> (32 - tableBits)) << 2)
  let seen = load<u32>(slot)
  store<u32>(slot, at + base)
  if (candidates > 1) store<u32>(beforeAt + ((at & maxOffset) << 2), seen)
  let offset: u32 = 0
  found = at
  while (seen >= base && at + base - seen <= maxOffset) {
    const distance = at + base - seen
    if (load<u32>(messageAt + at - distance) === word) {
      const end = matchEnd(at + wordBytes, distance, to)
      if (end > found) {
        found = end
        offset = distance
      }
    }
    if (--candidates === 0) break
    seen = load<u32>(beforeAt + (((seen - base) & maxOffset) << 2))
  }
  return offset
}

/** How far the bytes at `at` are those that stand `offset` before. */
function matchEnd(at: u32, offset: u32, to: u32): u32 {
  for (; at + 8 <= to; at += 8) {
    const difference = load<u64>(messageAt + at) ^ load<u64>(messageAt + at - offset)
    if (difference !== 0) return at + <u32>(ctz(difference) >>> 3)
  }
  while (at < to && byteAt(at) === byteAt(at - offset)) at++
  return at
}

/** How far back, down to `from`, bytes before `at` are those that stand `offset` before. */
function matchStart(at: u32, offset: u32, from: u32): u32 {
  while (at > from && at > offset && byteAt(at - 1) === byteAt(at - 1 - offset)) at--
  return at
}

/** Elements as in element-stream.ts and element-writer.ts. */
const maxTagLiteral: u32 = 60
const maxByteLiteral: u32 = 256
const maxLiteral: u32 = 65536
const minCopy: u32 = 4
const maxCopy: u32 = 64
const maxShortCopy: u32 = 11
const maxShortOffset: u32 = 2047

function writeLiteral(from: u32, to: u32): void {
  for (; to - from > maxLiteral; from += maxLiteral) writeLiteral(from, from + maxLiteral)
  const last = to - from - 1
  if (last < maxTagLiteral) store<u8>(out++, last << 2)
  else if (last < maxByteLiteral) {
    store<u8>(out, maxTagLiteral << 2)
    store<u8>(out, last, 1)
    out += 2
  } else {
    store<u8>(out, (maxTagLiteral + 1) << 2)
    store<u16>(out, last, 1)
    out += 3
  }
  out = copyBytes(messageAt + from, last + 1, out)
}

function writeCopy(offset: u32, length: u32): void {
  let left = length
  for (; left >= maxCopy + minCopy; left -= maxCopy) writeLongCopy(offset, maxCopy)
  if (left > maxCopy) {
    writeLongCopy(offset, maxCopy - minCopy)
    left -= maxCopy - minCopy
  }
  if (left > maxShortCopy || left < minCopy || offset > maxShortOffset) writeLongCopy(offset, left)
  else {
    store<u8>(out, ((offset >>> 8) << 5) | ((left - minCopy) << 2) | 1)
    store<u8>(out, offset, 1)
    out += 2
  }
}

function writeLongCopy(offset: u32, length: u32): void {
  store<u8>(out, ((length - 1) << 2) | 2)
  store<u16>(out, offset, 1)
  out += 3
}
