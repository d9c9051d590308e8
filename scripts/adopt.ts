/**
 * Makes a contract test of a recording of an instance:  npm run adopt -- FILE NAME
 * It is copied to test/contract/recorded/files/NAME.json, and recordings.test.ts holds the sandbox against it.
 */
import { constants, copyFileSync, existsSync } from 'node:fs'
import { join, relative } from 'node:path'
import { readRecording } from '../packages/sandbox/src/recording/recording.ts'

const ROOT = join(import.meta.dirname, '..')

/** Where the adopted recordings are. */
export const FILES = join(ROOT, 'test', 'contract', 'recorded', 'files')

/**
 * Copies a recording.
 * @returns the path of the copy
 * @throws Error for a name that is no file name, a file that is no recording, and a name that is taken
 */
export function adopt(file: string, name: string, folder = FILES): string {
  if (!/^[a-z0-9][a-z0-9-]{0,60}$/.test(name))
    throw new Error(`"${name}" is not a name. Fix: give one of small letters, digits and hyphens.`)
  readRecording(file)
  const target = join(folder, `${name}.json`)
  if (existsSync(target)) throw new Error(`${target} exists. Fix: give another name.`)
  copyFileSync(file, target, constants.COPYFILE_EXCL)
  return target
}

if (import.meta.main) {
  const [file = '', name = ''] = process.argv.slice(2)
  try {
    const target = relative(ROOT, adopt(file, name))
    console.log(
      `${target}: read it before you commit it, then run  npm test -- test/contract/recorded/recordings`
    )
  } catch (error) {
    console.error((error as Error).message)
    process.exitCode = 1
  }
}
