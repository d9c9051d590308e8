import type { Env } from './runtime.ts'

/**
 * Settings of the environment under which no secret may be sent, as whole sentences without a full stop. They are looked
 * at before the first request, also before one to GitHub. What is not among them, and why, is in docs/security.md.
 */
export function unsafeSettings({ NODE_TLS_REJECT_UNAUTHORIZED: value }: Env): string[] {
  if (value !== '0') return []
  // With it Node accepts any certificate, so that anybody on the way could read the credentials.
  return [
    'NODE_TLS_REJECT_UNAUTHORIZED=0 is set: the certificate of the instance would not be checked. Remove the variable, and give the certificate of a private CA as `ca-certificate`'
  ]
}
