export function exec() {
  throw new Error('platform details are not part of this bundle (scripts/toolkit-stubs)')
}

export const getExecOutput = exec
