/**
 * OAuth applications for the JWT bearer grant. The private keys are public, as the passwords are: the instance itself has
 * only the certificates.
 */
import { createPublicKey, type KeyObject } from 'node:crypto'

const RSA_KEY = [
  '-----BEGIN PRIVATE KEY-----',
  'MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQC5Gus/ZA+FaA1b',
  'c+EF6d6pzDWJoNINdJpgaD4XSEr/ghS16Ke5+RrwZn0gBLXU0jc9mnmUHWPfKDRI',
  'ZOxPy9VKjY1PHBkS5WyQYGd6DRB0MSkiaQiqZ+twrfsAPNlpPi9r4t+NC06cp3aj',
  's9gqRJgs15ltUKviv61mkcRUIFVydE0K75GmFM+eDkub0PngyaahTeySwkqAeCcj',
  'Hj1TNS7+uZ0h5L7GGr6g7lC8ugScnKUXmykg1ain9OVOWqGkrjG7/sk/1yh0bKFA',
  'SnUzuPhmqVIP8CwnuhrsKTnJncJX7H17uQK79FqM9NxsE5vPd80NE6vpEWGzn/4v',
  'DxNvLtZHAgMBAAECggEAQEQNz/TsBJvDI3DAe/6eDWK2ZcGdnAlTPcyDXi79xucB',
  'TMTpUsKfbT6QC6lG/gw8HJnAw0FO9t/tAwNzHiM9OsSZfpFZTTu1LQ0jb/cQMt8M',
  'koNX/F3XGsh0wDjgHM93xGPAzKXT1cS4ho5+qvIkyVDTVmYvPyrgR5+tQ630LKeI',
  'AJaZ3l5uVeuL+SHQuuaabkYad6ta/6uhhvRiO9KcO9vBD35ke8Huud1Sh6ItU4lm',
  '6R7r5FuQHXSku0lOLY4WFwDtVpvHK3L49Hj15sh/S1A81A9/qxIujoW8cbZHJHqo',
  '2hB7i27b0wF4l0P5n9h46YqobO8xe9usrk1HSoVVqQKBgQDiVbOaGycboaqZUpYK',
  'caLAqS2RF0J3JG+Ht6iukoo5CR0jFMHFe6QUmviQXdPmjzqnuHXzdQt2n0unCscV',
  'c/jqwX8737KoS9stm5/vknjKDje/rUYdzVvvhL+f2JqTGVQbnEU8XxZoyHv9WDDK',
  '4wEwrzDlWeobVHQxTS1DjODWCQKBgQDRXdLtjsjE8V7SACsigXhxI9vUkBLkMkS5',
  'M1QyPSJJ1gqAWV5P2VAhLfCd1hE8w+CXpqW/KqVCN9yhUCYhw0n8Zm9HiNMvt35t',
  'Zke4/O+2gHUgI6TG2h0TSm01KTs0ep2zSF6tj5OOL64FJgFI/Dx0/9C31hE2atBp',
  '21cOzrzdzwKBgQCM9NDAxe5KMBneGOfmozS4BeSh+rljF+b5v/CmoA7DTKC/y1qO',
  'Ud0zE/x/dF/WtBbUg3W55If6HWTxKC4qdyprkYxazosmcu+SbNxjSHY/aDFiB1im',
  'kNGTzrnEpBJIUDroYx9fZNzA7zMA6Z6hjFSebEzoWWIKGUOvvJ/W9PLFeQKBgQCS',
  'Pzq+zFV8FKrKgGmhIdVTGtxNIBLCKkcNI0i2CzQvZX9SZprVphQuCRwh9M13p8/z',
  'vunanlxv4/uPByCLxxGgaKFk07PJiiCbJK4HD1AXKKYoPB229dcHiZ69Wr7Lircr',
  '6+qOzFMjKDUjzYdqRx+oDqXqNHMzkutgdmHaqxkMywKBgCpAY4T5QgKBZfhogKvI',
  'CSW+4XapGNE/cW9eWrK8qg/2sBsXVUfWP40VZ0r/VCLDpCWV10kLPNldltlzNMhe',
  'UqFwFkaz52Dllyx8wM9ZP7YO3/jUgCq7mwG1sG7WJjo8sxNwRnxmI3frtIbr+Ulp',
  'egvxetLpQERbxSeIR2ZVd7/9',
  '-----END PRIVATE KEY-----',
  ''
].join('\n')

const EC_KEY = [
  '-----BEGIN PRIVATE KEY-----',
  'MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgmIDo0691/I2KlvWy',
  '67O4omdBpXkx3gVqku+YBjfmhtehRANCAAQgovj0NNYNNtqKUphl9u8DYSwRPVXn',
  'y5ruucd5LPFTptME+z5N7IRorbqHPXExMKnZgNNWvCO8ypiTNFx2kjr1',
  '-----END PRIVATE KEY-----',
  ''
].join('\n')

/** The keys of the JWT verifier maps, for callers: PEM text by Kid. */
export const JWT_KEYS: Readonly<Record<string, string>> = { 'sandbox-rsa': RSA_KEY, 'sandbox-ec': EC_KEY }

export interface JwtClient {
  readonly id: string
  readonly secret: string
  /** "Public Client": it needs no secret. */
  readonly isPublic: boolean
  /** "User Field": the field of the user record that `sub` is compared with. */
  readonly userField: string
}

export const JWT_CLIENTS: readonly JwtClient[] = [
  { id: 'github-actions-jwt', secret: 'sandbox-jwt-secret', isPublic: true, userField: 'user_name' },
  {
    id: 'github-actions-jwt-secret',
    secret: 'sandbox-jwt-secret',
    isPublic: false,
    userField: 'email'
  }
]

/** The certificate of a Kid; undefined for an unknown one. */
export function verifierKey(kid: string): KeyObject | undefined {
  const pem = Object.hasOwn(JWT_KEYS, kid) ? JWT_KEYS[kid] : undefined
  return pem === undefined ? undefined : createPublicKey(pem)
}
