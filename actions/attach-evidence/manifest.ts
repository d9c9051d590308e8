import {
  ATTACHMENTS,
  AUTHOR,
  changeNameDescriptions,
  changeOutputs,
  connectionDescriptions,
  describeAction,
  environmentDescriptions,
  foreignDescriptions,
  ownershipDescriptions
} from '@change-actions/github-actions/manifest'
import { inputs } from './src/inputs.ts'

export const action = describeAction(inputs, {
  name: 'ServiceNow change: attach evidence',
  description:
    'Attaches files to a change, each once and byte for byte, and says in a work note what they are.',
  author: AUTHOR,
  runs: { using: 'node24', main: '../../dist/attach-evidence/index.js' },
  inputs: {
    ...connectionDescriptions,
    ...changeNameDescriptions,
    ...environmentDescriptions,
    ...foreignDescriptions,
    ...ownershipDescriptions,
    files: 'Paths and globs, one a line, relative to the workspace.',
    attachments: 'A YAML list of maps with name and file, or of paths and globs.',
    ifNoFilesFound: 'When a path or glob finds no file: error, warn or ignore.',
    ifExists: 'A file that is already attached, by name and content: skip it, or attach it again.',
    workNote:
      'true: say in a work note what was attached: totals first, then the files with failures or findings, then the rest, each with name, size, SHA-256 and the counts of test, scan and bill-of-material reports. A long note is split.'
  },
  outputs: {
    ...changeOutputs,
    'change-state': 'State of the change.',
    attachments: ATTACHMENTS,
    'attached-count': 'Number of files attached.',
    'skipped-count': 'Number of files that were already attached.',
    metrics: 'JSON: requests, request_errors, result, added_ms.'
  }
})
