import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A key and its certificate, PEM. */
export interface Pair {
  readonly key: string
  readonly cert: string
}

export interface Certificates {
  /** A private authority that signed all others. */
  readonly ca: string
  /** For `sn.example.test`, `localhost` and 127.0.0.1. */
  readonly server: Pair
  /** The same, expired in 2021. */
  readonly expired: Pair
  /** For `other.example.test` only. */
  readonly other: Pair
  readonly client: Pair
  /** The client's key, encrypted with the passphrase `open sesame`. */
  readonly lockedKey: string
}

/** Whether there is an `openssl` command to make certificates with. */
export function hasOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

const AUTHORITY = `
[ca]
default_ca = own
[own]
dir = .
database = index.txt
serial = serial
new_certs_dir = .
default_md = sha256
policy = any
copy_extensions = none
unique_subject = no
[any]
commonName = supplied
[req]
distinguished_name = name
[name]
`
const NAMES = 'subjectAltName = DNS:sn.example.test, DNS:localhost, IP:127.0.0.1'

/** New certificates, made in a temporary folder. */
export function makeCertificates(): Certificates {
  const folder = mkdtempSync(join(tmpdir(), 'certificates-'))
  const openssl = (line: string, ...rest: string[]) =>
    execFileSync('openssl', [...line.split(' '), ...rest], { cwd: folder, stdio: 'pipe' })
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text)
  const read = (name: string) => readFileSync(join(folder, name), 'utf8')
  const key = (name: string) => openssl(`ecparam -name prime256v1 -genkey -noout -out ${name}.key`)
  const sign = (name: string, extension: string, from: string, to: string): Pair => {
    key(name)
    write(`${name}.ext`, extension)
    openssl(`req -new -config ca.cnf -key ${name}.key -out ${name}.csr -subj`, `/CN=${name}`)
    openssl(
      `ca -batch -notext -config ca.cnf -cert ca.pem -keyfile ca.key -in ${name}.csr -out ${name}.pem -startdate ${from} -enddate ${to} -extfile ${name}.ext`
    )
    return { key: read(`${name}.key`), cert: read(`${name}.pem`) }
  }
  try {
    write(
      'ca.cnf',
      `${AUTHORITY}[authority]\nbasicConstraints = critical, CA:TRUE\nsubjectKeyIdentifier = hash\n`
    )
    write('index.txt', '')
    write('serial', '01\n')
    key('ca')
    openssl(
      'req -x509 -new -config ca.cnf -extensions authority -key ca.key -days 30 -out ca.pem -subj',
      '/CN=Own CA'
    )
    const now = ['20200101000000Z', '20450101000000Z'] as const
    const server = sign('server', NAMES, ...now)
    const expired = sign('expired', NAMES, '20200101000000Z', '20210101000000Z')
    const other = sign('other', 'subjectAltName = DNS:other.example.test', ...now)
    const client = sign('client', 'extendedKeyUsage = clientAuth', ...now)
    openssl('ec -aes256 -in client.key -out locked.key -passout', 'pass:open sesame')
    return { ca: read('ca.pem'), server, expired, other, client, lockedKey: read('locked.key') }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
