import type { ServiceNowClient } from '@change-actions/servicenow-client'
import { describe, expect, it } from '@jest/globals'
import { readRuntime } from '../../step/runtime.ts'
import { createSummary } from '../../summary.ts'
import { type Told, writeBlock, writeLine, writeVerdict } from './block.ts'
import { joined } from './job-story.ts'
import { statesPicture } from './states-picture.ts'
import { decisionsOf, emptyStory } from './story.ts'

const HOSTILE = '@board <b>x</b> [l](https://evil.example) | ``` ::error::y \u202eabc\n# big'

function told(story: Partial<Told['story']>): Told {
  return {
    client: { changeUrl: (sysId: string) => `https://example.service-now.com/${sysId}` } as ServiceNowClient,
    runtime: readRuntime({
      GITHUB_SERVER_URL: 'https://github.com',
      GITHUB_REPOSITORY: 'acme/shop',
      GITHUB_RUN_ID: '7',
      GITHUB_SHA: 'a'.repeat(40)
    }),
    story: { ...emptyStory(), ...story },
    change: {
      sysId: '1f',
      number: 'CHG0030001',
      state: '-2',
      stateLabel: HOSTILE,
      type: 'normal',
      approval: 'approved',
      onHold: false,
      onHoldReason: '',
      unauthorized: false,
      plannedStart: Date.parse('2026-12-01T22:00:00Z'),
      plannedEnd: undefined,
      correlationId: '',
      correlationDisplay: '',
      fromTemplate: false,
      createdAt: '',
      fields: { cmdb_ci: { value: 'c1', display: HOSTILE } }
    },
    title: 'Change'
  }
}

/** What a step would append to the summary. */
function written(write: (summary: ReturnType<typeof createSummary>) => void): string {
  const blocks: string[] = []
  const keep = (text: string) => {
    blocks.push(text)
    return text
  }
  const summary = createSummary({ file: undefined, redact: keep, warn: () => {} })
  write(summary)
  summary.flush()
  return blocks.join('\n\n')
}

describe('the block of a change', () => {
  it('tells what, where, who and what they said, the window, the evidence and the link', () => {
    const text = written(summary => {
      const all = told({
        verdict: 'approved, the deployment may start',
        environment: 'production',
        decisions: [['Anna', 'approved', '2026-12-01 20:00:00', 'Go ahead']],
        evidence: ['unit.xml: 12 tests, none failed'],
        links: [['Comparison', 'https://github.com/acme/shop/compare/a...b']]
      })
      writeVerdict(summary, all)
      writeBlock(summary, all, [])
    })
    for (const part of [
      'CHG0030001: approved, the deployment may start',
      '[acme/shop](https://github.com/acme/shop), commit [aaaaaaaaaaaa]',
      '| Where | production, configuration item',
      'Anna, 2026-12-01 20:00:00 UTC: “Go ahead”',
      '2026-12-01 22:00:00 UTC – open',
      '[comparison](https://github.com/acme/shop/compare/a...b)',
      'unit.xml: 12 tests, none failed',
      '[CHG0030001](https://example.service-now.com/1f)'
    ])
      expect(text).toContain(part)
  })

  it('shows texts from outside as text', () => {
    const story = {
      environment: HOSTILE,
      decisions: [[HOSTILE, 'approved', '', HOSTILE]] as const,
      evidence: [HOSTILE],
      links: [[HOSTILE, HOSTILE]] as const
    }
    const text = written(summary => {
      writeBlock(
        summary,
        told({
          ...story,
          reason: HOSTILE,
          states: [
            [HOSTILE, 0],
            [HOSTILE, 90_000]
          ]
        }),
        []
      )
      writeLine(summary, told(story), '')
    })
    expect(text).not.toMatch(/<b>|\]\(https:\/\/evil|@board|\u202e|::error|^# big|[^`\\]```[^m\n]/m)
    expect(text.match(/^```/gm)).toHaveLength(2)
  })
})

describe('what is deployed', () => {
  const COMMIT = 'a'.repeat(40)
  const whatOf = (story: Partial<Told['story']>, env: Record<string, string> = {}) => {
    const runtime = readRuntime({ GITHUB_SERVER_URL: 'https://github.com', GITHUB_SHA: COMMIT, ...env })
    return written(summary => writeBlock(summary, { ...told(story), runtime }, []))
  }
  const TAG = { GITHUB_REF: 'refs/tags/v1.2.3', GITHUB_REF_NAME: 'v1.2.3' }

  it.each([
    ['the version given', { version: 'v2 <b>' }, TAG, '| What | version v2 &lt;b&gt;, commit [aaaaaaaaaaaa]'],
    ['else the tag of the run', {}, TAG, '| What | version v1.2.3, commit [aaaaaaaaaaaa]'],
    [
      'no branch',
      {},
      { GITHUB_REF: 'refs/heads/main', GITHUB_REF_NAME: 'main' },
      '| What | commit [aaaaaaaaaaaa]'
    ],
    ['no version that is the commit', { version: 'aaaaaaa' }, {}, '| What | commit [aaaaaaaaaaaa]']
  ])('names %s', (_, story, env, what) =>
    expect(whatOf(story, env as Record<string, string>)).toContain(what)
  )
})

describe('the line of a step that others follow', () => {
  const line = (verdict: string | undefined, stateLabel: string) => {
    const all = told({ verdict })
    const change = { ...all.change, stateLabel } as Told['change']
    return written(summary => writeLine(summary, { ...all, change }, ''))
      .replace(/^.*?\): /, '')
      .trim()
  }

  it.each([
    ['in Implement', 'Implement', 'in Implement, approval approved.'],
    ['closed as successful', 'Closed', 'closed as successful, approval approved.'],
    ['canceled', 'Canceled', 'canceled, approval approved.'],
    ['created', 'New', 'created, state New, approval approved.'],
    [undefined, 'New', 'state New, approval approved.']
  ])('says the state once: %s', (verdict, label, text) => expect(line(verdict, label)).toBe(text))
})

describe('who decided', () => {
  const DORA = ['Dora', 'approved', '2026-12-01 20:00:00'] as const
  const ANNA = ['Anna', 'rejected', '2026-12-01 20:05:00', 'Not on a Friday'] as const

  it.each([
    [
      'all approved, and the change is',
      [DORA],
      {},
      'approved',
      '| Approved by | Dora, 2026-12-01 20:00:00 UTC |'
    ],
    ['one of several has', [DORA], {}, 'requested', '| Decisions | Dora approved, 2026-12-01 20:00:00 UTC |'],
    [
      'the approval does not count',
      [DORA],
      { refused: true },
      'approved',
      '| Decisions | Dora approved, 2026-12-01 20:00:00 UTC |'
    ],
    [
      'somebody rejected',
      [DORA, ANNA],
      {},
      'rejected',
      '| Decisions | Dora approved, 2026-12-01 20:00:00 UTC; Anna rejected, 2026-12-01 20:05:00 UTC: “Not on a Friday” |'
    ],
    ['nobody did', [], {}, 'not requested', '| Approval | not requested |']
  ])('where %s', (_, decisions, story, approval, row) => {
    const all = told({ decisions, ...story })
    const change = { ...all.change, stateLabel: 'New', state: '-5', approval } as Told['change']
    expect(written(summary => writeBlock(summary, { ...all, change }, []))).toContain(row)
  })

  it('keeps those who rejected where there are too many', () => {
    const row = (approver: string, state: string, at: string) => ({
      approver,
      state,
      at,
      group: '',
      comments: ''
    })
    const many = Array.from({ length: 30 }, (_, n) => row(`P${n}`, 'approved', `2026-12-01 20:00:${n + 10}`))
    const rows = [row('Kim', 'requested', ''), ...many, row('Anna', 'rejected', '2026-12-01 21:00:00')]
    const kept = decisionsOf(rows as never, text => text)
    expect(kept).toHaveLength(20)
    expect(kept.at(-1)).toEqual(['Anna', 'rejected', '2026-12-01 21:00:00'])
    expect(kept[0]?.[0]).toBe('P0')
  })
})

describe('the story of a job', () => {
  it('is that of its steps, one after the other, also where their clocks differ', () => {
    const earlier = {
      states: [
        ['new', 1_000],
        ['assess', 5_900]
      ] as const,
      evidence: ['a', 'b']
    }
    const own = {
      states: [
        ['assess', 5_300],
        ['scheduled', 5_400]
      ] as const,
      evidence: ['b', 'c']
    }
    const all = joined(earlier, own)
    expect(all.states).toEqual([
      ['new', 1_000],
      ['assess', 5_900],
      ['scheduled', 5_900]
    ])
    expect(all.evidence).toEqual(['a', 'b', 'c'])
    // A later step that starts with all of it adds what is new.
    const more = { states: [...own.states, ['new', 9_000]] as const, evidence: [] }
    expect(joined(own, more).states.map(([name]) => name)).toEqual(['assess', 'scheduled', 'new'])
  })
})

describe('the picture of the states', () => {
  it('has a box for each, and how long each lasted', () => {
    const picture = statesPicture([
      ['new', Date.parse('2026-12-01T20:00:00Z')],
      ['Waiting "for" <CAB>]', Date.parse('2026-12-01T20:01:30Z')]
    ])
    expect(picture).toBe(
      [
        '```mermaid',
        'flowchart LR',
        '  s0["New 20:00:00"]',
        '  s1["Waiting for CAB 20:01:30"]',
        '  s0 -->|"1m30s"| s1',
        '```'
      ].join('\n')
    )
  })

  it.each([
    ['the change was in one state only', [['new', 0]]],
    [
      'it would show one time alone',
      [
        ['implement', 0],
        ['review', 400],
        ['closed', 999]
      ]
    ]
  ] as const)('is left out where %s', (_, states) => {
    expect(statesPicture(states)).toBe('')
  })
})

it('a comment is cut after secrets were replaced', () => {
  const comments = `${'x'.repeat(295)}secret-word`
  const row = { approver: 'Anna', group: '', state: 'approved', comments, at: '' }
  const [decision] = decisionsOf([row as never], text => text.replaceAll('secret-word', '***'))
  expect(decision?.[3]).toBe(`${'x'.repeat(295)}***`)
})
