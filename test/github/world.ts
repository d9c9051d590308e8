import { generateKeyPairSync } from 'node:crypto'
import { type GithubOptions, settingsFrom } from './settings.ts'
import type { App, Permissions, Repository, User, World } from './state.ts'

/** The id of GitHub's own App, whose tokens jobs have. */
const ACTIONS_APP_ID = 15_368

let keys: { publicKey: string; privateKey: string } | undefined

/** One key pair for all Apps of a process: making one takes a tenth of a second. */
export function sharedKeys(): { publicKey: string; privateKey: string } {
  keys ??= generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' }
  })
  return keys
}

/** An empty GitHub. @param now epoch milliseconds */
export function createWorld(options: GithubOptions, now: () => number): World {
  let id = 1000
  const github: User = { id: 1, login: 'github', type: 'Organization' }
  const world: World = {
    settings: settingsFrom(options),
    now,
    nextId: () => ++id,
    apiUrl: '',
    serverUrl: '',
    users: new Map([[github.login, github]]),
    teams: [],
    apps: [],
    installations: [],
    repositories: [],
    tokens: new Map(),
    actions: {
      ...sharedKeys(),
      id: ACTIONS_APP_ID,
      clientId: 'Iv1.actions',
      slug: 'github-actions',
      name: 'GitHub Actions',
      owner: github,
      permissions: {},
      bot: { id: 41_898_282, login: 'github-actions[bot]', type: 'Bot' }
    }
  }
  world.apps.push(world.actions)
  return world
}

/** The person or organisation of that name; a new one is a person unless `type` says otherwise. */
export function userNamed(
  world: World,
  login: string,
  type: User['type'] = login.endsWith('[bot]') ? 'Bot' : 'User'
): User {
  const found = world.users.get(login)
  if (found) return found
  const user = { id: world.nextId(), login, type }
  world.users.set(login, user)
  return user
}

/** Registers a GitHub App. */
export function createApp(world: World, slug: string, owner: string, permissions: Permissions): App {
  const app: App = {
    ...sharedKeys(),
    id: world.nextId(),
    clientId: `Iv23${slug}`,
    slug,
    name: slug,
    owner: userNamed(world, owner, 'Organization'),
    permissions,
    bot: userNamed(world, `${slug}[bot]`, 'Bot')
  }
  world.apps.push(app)
  return app
}

/** Upper and lower case are the same in names. */
export function findRepository(world: World, owner: string, name: string): Repository | undefined {
  const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase()
  return world.repositories.find(one => same(one.owner.login, owner) && same(one.name, name))
}
