import { describe, expect, it } from '@jest/globals'
import { fitted } from './fit.ts'

const RUN = 'https://github.com/acme/shop/actions/runs/7'

describe('the text of a comment', () => {
  it('has everything where it fits, and links to the run', () => {
    const text = fitted({ head: ['Head'], environments: ['### a', '### b'] }, RUN)
    expect(text).toMatch(/^Head\n\n### a\n\n### b\n\nThe workflow's own inputs/)
    expect(text).toContain(`[Run](${RUN})`)
    expect(text).not.toContain('Further environments')
  })

  it('leaves out whole environments where GitHub would refuse it, and says how many', () => {
    const environments = Array.from({ length: 200 }, (_, n) => `### ${n}\n\n${'ä'.repeat(500)}`)
    const text = fitted({ head: ['Head'], environments }, RUN)
    expect(Buffer.byteLength(text)).toBeLessThan(65_000)
    const shown = text.match(/### \d+\n\nä{500}\n\n/g)?.length ?? 0
    expect(shown).toBeGreaterThan(50)
    expect(text).toContain(`Further environments: ${200 - shown}. They are in the summary of the run.`)
  })
})
