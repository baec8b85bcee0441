import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Secret } from './secret.js'
import { loadTlsOptions, readSecret } from './tls-options.js'

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tls-options-'))
  await writeFile(join(folder, 'password'), 'hunter2\n')
  await writeFile(join(folder, 'ca.pem'), 'CA')
})

afterAll(() => rm(folder, { recursive: true }))

describe('readSecret()', () => {
  it('reveals a value, and reads a file without its line end', async () => {
    expect(await readSecret({ value: new Secret('x') })).toBe('x')
    expect(await readSecret({ file: join(folder, 'password') })).toBe('hunter2')
  })

  it('names a file that cannot be read', async () => {
    const file = join(folder, 'none')
    await expect(readSecret({ file })).rejects.toMatchObject({
      code: 'unavailable',
      message: `cannot read the credentials: ENOENT: no such file or directory, stat '${file}'`,
    })
  })
})

describe('loadTlsOptions()', () => {
  it('verifies the peer unless told otherwise', async () => {
    expect(await loadTlsOptions({})).toEqual({ rejectUnauthorized: true })
    expect(await loadTlsOptions({ insecureSkipVerify: true })).toEqual({ rejectUnauthorized: false })
  })

  it('takes values and files', async () => {
    const options = {
      caFile: join(folder, 'ca.pem'),
      cert: 'CERT',
      key: new Secret('KEY'),
      serverName: 'kafka',
      minVersion: 'TLSv1.3',
    } as const
    expect(await loadTlsOptions(options)).toEqual({
      rejectUnauthorized: true,
      servername: 'kafka',
      ca: Buffer.from('CA'),
      cert: 'CERT',
      key: 'KEY',
      minVersion: 'TLSv1.3',
    })
  })

  it('names a file that cannot be read', async () => {
    const file = join(folder, 'none')
    await expect(loadTlsOptions({ caFile: file })).rejects.toMatchObject({ code: 'tls', facts: { file } })
  })
})
