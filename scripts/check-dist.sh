#!/usr/bin/env bash
# Rebuilds dist/ and fails unless the tree is as committed: nothing stale, nothing missing, nothing left over.
# In a workflow the difference is in the job summary as well.
set -euo pipefail
cd "$(dirname "$0")/.."

npm run --silent build
changes=$(git status --porcelain)
[ -z "$changes" ] && exit 0

report() {
  printf '### dist/ is not what the sources build to\n\n'
  # shellcheck disable=SC2016 # Markdown, not a command
  printf 'Run `npm ci && npm run build` and commit `dist/`, or take the artifact "dist" of this run.\n\n'
  printf '```\n%s\n\n' "$changes"
  git --no-pager diff --text --stat
  printf '\n'
  # Bundles have few, long lines: the first characters of each show what it is about.
  git --no-pager diff --text --unified=0 | cut -c 1-300 | awk 'NR <= 200'
  printf '```\n'
}

report | tee -a "${GITHUB_STEP_SUMMARY:-/dev/null}"
exit 1
