export function exec() {
  throw new Error('@actions/exec is not part of this bundle: see scripts/toolkit-stubs')
}

export const getExecOutput = exec
