import { byte } from './cursor.js'

/** Whether a metric's name, unquoted, may begin with this byte: `[a-zA-Z_:]`. */
export function isNameStart(value: number): boolean {
  return isLabelNameStart(value) || value === byte.colon
}

/** Whether a metric's name, unquoted, may go on with this byte: `[a-zA-Z0-9_:]`. */
export function isNameByte(value: number): boolean {
  return isLabelNameByte(value) || value === byte.colon
}

/** Whether a label's name, unquoted, may begin with this byte: `[a-zA-Z_]`. */
export function isLabelNameStart(value: number): boolean {
  const lower = value | 0x20
  return (lower >= 0x61 && lower <= 0x7a) || value === byte.underscore
}

/** Whether a label's name, unquoted, may go on with this byte: `[a-zA-Z0-9_]`. */
export function isLabelNameByte(value: number): boolean {
  return isLabelNameStart(value) || (value >= 0x30 && value <= 0x39)
}
