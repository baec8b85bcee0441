import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { createSecureContext, type SecureContextOptions } from 'node:tls'
import { PromlineError, systemCode, toError } from '../model/errors.js'
import { CachedFile } from './cached-file.js'
import type { ServerTlsOptions } from './server-tls-options.js'
import { readTlsFile } from './tls-file.js'

/** One of the three texts of a server's TLS, given in place or as a file. */
class TlsText {
  /** `certificate`, and where it comes from: for messages. */
  readonly what: string
  readonly #name: string
  readonly #inPlace: string | undefined
  readonly #file: CachedFile | undefined

  constructor(name: string, inPlace: string | undefined, path: string | undefined) {
    this.#name = name
    this.#inPlace = inPlace
    this.#file = path === undefined ? undefined : new CachedFile(path)
    this.what = path === undefined ? name : `${name} ${path}`
  }

  /** The same object while it stays the same. Rejects with a PromlineError (`tls`) that names the file. */
  read(): Promise<string | Buffer | undefined> {
    return this.#file === undefined ? Promise.resolve(this.#inPlace) : readTlsFile(this.#name, this.#file)
  }
}

/** A server's certificate, key and clients' CA, as they are now. */
export class ServerTlsMaterial {
  readonly #options: ServerTlsOptions
  readonly #cert: TlsText
  readonly #key: TlsText
  readonly #ca: TlsText
  #texts: readonly unknown[] = []
  #context: SecureContextOptions | undefined

  constructor(options: ServerTlsOptions) {
    this.#options = options
    this.#cert = new TlsText('certificate', options.cert, options.certFile)
    this.#key = new TlsText('key', options.key?.reveal(), options.keyFile)
    this.#ca = new TlsText("clients' CA", options.clientCa, options.clientCaFile)
  }

  /**
   * What Node's TLS takes: the same object while nothing has changed. Rejects with a PromlineError (`tls`) that names the file which cannot
   * be read, is not what it should be, or does not fit the other.
   */
  async load(): Promise<SecureContextOptions> {
    const texts = await Promise.all([this.#cert.read(), this.#key.read(), this.#ca.read()])
    if (this.#context !== undefined && texts.every((text, i) => text === this.#texts[i])) return this.#context
    const [cert = '', key = '', ca] = texts
    this.#check(cert, key, ca)
    const { minVersion = 'TLSv1.2', maxVersion } = this.#options
    const context = { cert, key, ...(ca !== undefined && { ca }), minVersion, ...(maxVersion !== undefined && { maxVersion }) }
    attempt(`cannot use the ${this.#cert.what}`, () => createSecureContext(context))
    this.#texts = texts
    this.#context = context
    return context
  }

  /** OpenSSL's own errors speak of `no start line` and of values that mismatch, and never say where. */
  #check(cert: string | Buffer, key: string | Buffer, ca: string | Buffer | undefined): void {
    const certificate = attempt(`the ${this.#cert.what} is not a certificate in PEM`, () => new X509Certificate(cert))
    const privateKey = this.#parseKey(key)
    if (!certificate.checkPrivateKey(privateKey)) {
      throw new PromlineError('tls', `the ${this.#key.what} does not belong to the ${this.#cert.what}`)
    }
    if (ca !== undefined) attempt(`the ${this.#ca.what} is not a certificate in PEM`, () => new X509Certificate(ca))
  }

  #parseKey(key: string | Buffer): KeyObject {
    try {
      return createPrivateKey(key)
    } catch (error) {
      const isEncrypted = systemCode(error) === 'ERR_MISSING_PASSPHRASE'
      const reason = isEncrypted ? 'is encrypted: a key without a passphrase is needed' : 'is not a private key in PEM'
      // Without the cause: nothing that was made of a key belongs into a log.
      throw new PromlineError('tls', `the ${this.#key.what} ${reason}`)
    }
  }
}

function attempt<T>(message: string, run: () => T): T {
  try {
    return run()
  } catch (error) {
    throw new PromlineError('tls', `${message}: ${toError(error).message}`, { cause: error })
  }
}
