#!/usr/bin/env bash
# Creates the files of a release:  bash scripts/release-files.sh v1.2.3 FOLDER
#   FOLDER/notes.md   the section of CHANGELOG.md
#   FOLDER/assets/    the archive that runners download, two SBOMs of the bundles, checksums
set -euo pipefail
cd "$(dirname "$0")/.."
tag=$1
folder=$2
name=$(node -p 'require("./package.json").name')
assets=$folder/assets
mkdir -p "$assets"

node scripts/release.ts notes "$tag" > "$folder/notes.md"
git archive --format=tar.gz --prefix="$name-${tag#v}/" -o "$assets/$name-${tag#v}.tar.gz" HEAD

# npm leaves a runtime package out of an SBOM when a development package needs it too. So the SBOMs are created in a tree
# without development packages, also in its manifest. The name of the folder is the name of the component.
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
tree=$scratch/$name
mkdir "$tree"
git archive HEAD | tar -x -C "$tree"
# It is no part of the archive.
git show HEAD:package-lock.json > "$tree/package-lock.json"
(
  cd "$tree"
  npm ci --silent --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund
  npm pkg delete devDependencies optionalDependencies
)
for format in cyclonedx:sbom.cdx.json spdx:sbom.spdx.json; do
  (cd "$tree" && npm sbom --sbom-format "${format%%:*}" --sbom-type application) > "$assets/${format##*:}"
done
node scripts/release.ts check-sbom "$assets/sbom.cdx.json"

(cd "$assets" && sha256sum -- * > "$scratch/SHA256SUMS" && mv "$scratch/SHA256SUMS" .)
