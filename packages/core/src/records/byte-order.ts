/** The memory of this machine is in the order of the file's bytes. True of all that Node runs on in earnest; elsewhere we go slower. */
export const littleEndian: boolean = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1
