/** Self-hosted runners with a private CA and a proxy, and the connection check. */
import assert from 'node:assert/strict'
import { createServer as createProxy, request } from 'node:http'
import { createServer } from 'node:https'
import { connect } from 'node:net'
import { OAUTH_CLIENTS } from '@change-actions/sandbox'
import {
  type Certificates,
  hasOpenssl,
  makeCertificates
} from '../../../packages/servicenow-client/src/testing/certificates.ts'
import { listen } from '../../../packages/servicenow-client/src/testing/loopback.ts'
import type { Scenario, World } from '../scenario.ts'
import {
  assertChanges,
  assertDeployed,
  assertError,
  assertNotDeployed,
  deploymentsOf,
  example,
  SUCCESSFUL
} from './examples-kit.ts'

let made: Certificates | undefined
const certificates = () => {
  made ??= makeCertificates()
  return made
}

/** The instance's address with TLS, signed by a private authority. */
async function secured({ sandbox, atEnd }: World): Promise<number> {
  const server = createServer(certificates().server, (incoming, response) => {
    const { method } = incoming
    // The sandbox accepts requests only under its own host name.
    const headers = { ...incoming.headers, host: new URL(sandbox.url).host }
    const passed = request(sandbox.url + incoming.url, { method, headers }, received => {
      response.writeHead(received.statusCode ?? 502, received.headers)
      received.pipe(response)
    })
    passed.on('error', () => response.destroy())
    incoming.pipe(passed)
  })
  const { port, close } = await listen(server)
  atEnd(() => void close())
  return port
}

/** A proxy that leads every tunnel to one port, and records the address that was requested. */
async function tunnelling(port: number, { atEnd }: World, tunnels: string[]): Promise<string> {
  const server = createProxy((_, response) => response.writeHead(405).end())
  server.on('connect', (incoming, socket) => {
    tunnels.push(incoming.url ?? '')
    const onward = connect(port, '127.0.0.1', () =>
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
    )
    onward.on('error', () => socket.destroy())
    socket.on('error', () => onward.destroy())
    socket.pipe(onward).pipe(socket)
  })
  const proxy = await listen(server)
  atEnd(() => void proxy.close())
  return `http://127.0.0.1:${proxy.port}`
}

function ghes(ca: () => string, scenario: Omit<Scenario, 'subject' | 'files'>): Scenario {
  return example('ghes', {
    ...scenario,
    async setUp(world) {
      const SERVICENOW_INSTANCE = `https://localhost:${await secured(world)}`
      const vars = { SERVICENOW_INSTANCE, SERVICENOW_CA_CERTIFICATE: ca() }
      return { vars }
    }
  })
}

const GHES = [
  ghes(() => certificates().ca, {
    name: 'the private CA is trusted: deployed, closed as successful',
    check(played) {
      const [change] = assertChanges(played, SUCCESSFUL)
      assertDeployed(played, ['deploy production', change])
    }
  }),
  ghes(() => '', {
    name: 'without the private CA: refused before anything is sent',
    expected: 'failure',
    check(played) {
      assertError(played, /certificate not trusted/)
      assert.deepEqual(played.sandbox.requests, [])
      assertNotDeployed(played)
    }
  })
]

function proxied(scenario: Omit<Scenario, 'subject' | 'files' | 'check'>): Scenario {
  const tunnels: string[] = []
  return example('self-hosted-proxy', {
    ...scenario,
    async setUp(world) {
      const PROXY_URL = await tunnelling(await secured(world), world, tunnels)
      return {
        vars: {
          SERVICENOW_INSTANCE: 'https://sn.example.test',
          SERVICENOW_CA_CERTIFICATE: certificates().ca,
          PROXY_URL,
          NO_PROXY: 'localhost'
        }
      }
    },
    check(played) {
      const [change] = assertChanges(played, SUCCESSFUL)
      assertDeployed(played, ['deploy production', change])
      assert.deepEqual([...new Set(tunnels)], ['sn.example.test:443'])
    }
  })
}

const PROXY = [proxied({ name: 'through proxy and private CA: deployed, closed as successful' })]

const CHECK_SETUP = [
  example('check-setup', {
    event: 'workflow_dispatch',
    name: 'everything is right: it passes, and writes nothing',
    check(played) {
      assertChanges(played)
      const writes = played.sandbox.requests.filter(one => one.method !== 'GET')
      assert.deepEqual(new Set(writes.map(one => one.path)), new Set(['/oauth_token.do']))
    }
  }),
  example('check-setup', {
    event: 'workflow_dispatch',
    name: 'a wrong secret: it fails and shows the status 401',
    secrets: { SERVICENOW_CLIENT_SECRET: 'expired' },
    expected: 'failure',
    check(played) {
      assert.match(played.run.log, /401/)
    }
  })
]

const NO_INSTANCE = { SERVICENOW_INSTANCE: '', SERVICENOW_CLIENT_ID: '' }

const [auditor] = OAUTH_CLIENTS

/** act has no GitHub with deployments, and may have no token: the audit itself is in test/e2e/audit.test.ts. */
const AUDIT = [
  example('audit-deployments', {
    event: 'workflow_dispatch',
    name: 'without a GitHub that can be asked: it fails, and passes nothing off as audited',
    vars: { SERVICENOW_AUDIT_CLIENT_ID: auditor?.id ?? '' },
    secrets: { SERVICENOW_AUDIT_CLIENT_SECRET: auditor?.secret ?? '' },
    expected: 'failure',
    check(played) {
      assertChanges(played)
      assert.match(played.run.log, /`github-token` is empty|deployment audit: incomplete/)
    }
  })
]

/** Comments need a GitHub, which act has not: they are tested in actions/preview-change and test/e2e/preview.test.ts. */
const READING = {
  vars: { SERVICENOW_READ_CLIENT_ID: auditor?.id ?? '' },
  secrets: { SERVICENOW_READ_CLIENT_SECRET: auditor?.secret ?? '' },
  people: 'nothing',
  files: {
    '.github/servicenow-change.yml':
      'environments: { production: { assignment-group: DevOps Team }, dev: { change-controlled: false } }\n'
  }
} as const

const pullRequestOf = (repository: string) => ({
  pull_request: { number: 7, head: { sha: 'f'.repeat(40), repo: { full_name: repository } } }
})

const PREVIEW = [
  example('preview', {
    ...READING,
    event: 'workflow_dispatch',
    name: 'started by hand: what the policy of the commit would open, and nothing is written',
    check(played) {
      assertChanges(played)
      assert.match(played.run.log, /production: normal change/)
      assert.match(played.run.log, /the environment "dev" is not change-controlled/)
    }
  }),
  example('preview', {
    ...READING,
    event: 'pull_request',
    payload: pullRequestOf('mallory/shop'),
    vars: NO_INSTANCE,
    secrets: { SERVICENOW_CLIENT_SECRET: '', SERVICENOW_READ_CLIENT_SECRET: '' },
    name: 'a pull request from a fork, without secrets: no preview, and it passes',
    check(played) {
      assert.deepEqual(played.sandbox.requests, [])
      assert.match(played.run.log, /No preview: the pull request is from a fork/)
    }
  }),
  example('preview', {
    ...READING,
    event: 'pull_request',
    payload: pullRequestOf('acme-bank/shop'),
    expected: 'failure',
    name: 'a pull request, without a GitHub that can be asked: previewed in the log, and it fails',
    check(played) {
      assertChanges(played)
      assert.match(played.run.log, /production: normal change/)
      assertError(played, /^Change preview: not posted$/)
    }
  })
]

/** The instance is one that the run starts itself: that of the scenario sees nothing. */
const SANDBOX = [
  example('sandbox', {
    event: 'pull_request',
    name: 'without an instance and secrets: it deploys under a change of the sandbox, which is stopped',
    vars: NO_INSTANCE,
    secrets: { SERVICENOW_CLIENT_SECRET: '' },
    people: 'nothing',
    check(played) {
      assertChanges(played)
      assert.match(played.run.log, /The sandbox listens at http:/)
      assert.match(played.run.log, /CHG0030001/)
      assert.match(played.run.log, /The sandbox is stopped/)
      assert.equal(deploymentsOf(played).length, 1)
    }
  })
]

export const RUNNERS: readonly Scenario[] = [
  ...(hasOpenssl() ? [...GHES, ...PROXY] : []),
  ...CHECK_SETUP,
  ...AUDIT,
  ...PREVIEW,
  ...SANDBOX
]
