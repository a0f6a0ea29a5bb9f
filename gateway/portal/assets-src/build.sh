#!/bin/sh
# Builds ../asset/built from src and the packages of the lock file.
set -eu
cd "$(dirname "$0")"
out=../asset/built
mkdir -p "$out"
npx --no-install tailwindcss --input src/portal.css --output "$out/portal.css" --minify
cp src/portal.js src/icon.svg "$out/"
cp node_modules/htmx.org/dist/htmx.min.js "$out/htmx.js"
{
	echo 'The style sheet and scripts in this folder hold parts of these works.'
	for package in htmx.org tailwindcss @digital-go-jp/tailwind-theme-plugin; do
		printf '\n--- %s %s\n\n' "$package" "$(node -p "require('./node_modules/$package/package.json').version")"
		cat "node_modules/$package/LICENSE"
	done
} >"$out/LICENSES.txt"
