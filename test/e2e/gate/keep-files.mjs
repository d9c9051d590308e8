/** Loaded before a step: copies what it wrote for the runner, as it stands in the files, to the folder KEEP_FILES. */
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'

const { GITHUB_OUTPUT = '', GITHUB_STATE = '', KEEP_FILES = '' } = process.env

process.on('exit', () => {
  copyFileSync(GITHUB_OUTPUT, join(KEEP_FILES, 'output'))
  copyFileSync(GITHUB_STATE, join(KEEP_FILES, 'state'))
})
