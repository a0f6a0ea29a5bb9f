package cluster

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
)

// oldest is the lowest major version that the services' SQL runs on.
const oldest = 15

// ErrNoBinaries says that no Postgres is installed that fits. The message tells what to install.
var ErrNoBinaries = errors.New("PostgreSQL のプログラムが見つかりません (no PostgreSQL programs)")

// packaged are the folders in which packages of Debian, Red Hat and Homebrew put the programs.
var packaged = []string{
	"/usr/lib/postgresql/*/bin",
	"/usr/pgsql-*/bin",
	"/opt/homebrew/opt/postgresql@*/bin",
	"/usr/local/opt/postgresql@*/bin",
	"/home/linuxbrew/.linuxbrew/opt/postgresql@*/bin",
}

// binaries is one installed Postgres.
type binaries struct {
	folder string
	major  int
}

func (b binaries) postgres() string { return filepath.Join(b.folder, "postgres") }
func (b binaries) initdb() string   { return filepath.Join(b.folder, "initdb") }

// locate finds the programs: those of the named folder, or the first in PATH, or the highest packaged version. A data
// folder opens with its own major version only; major 0 means that there is none yet.
func locate(ctx context.Context, named string, major int) (binaries, error) {
	if named != "" {
		b, err := inspect(ctx, named)
		if err != nil {
			return binaries{}, fmt.Errorf("KYODO_PG_BIN=%[1]s に PostgreSQL %[2]d 以降の postgres と initdb がありません。フォルダーを確認してください。"+
				" (KYODO_PG_BIN=%[1]s holds no postgres and initdb of version %[2]d or later): %[3]w: %[4]w", named, oldest, ErrNoBinaries, err)
		}
		return b, b.fit(major)
	}
	found := installed(ctx)
	if len(found) == 0 {
		return binaries{}, fmt.Errorf("%w: PostgreSQL %d 以降をインストールするか (Debian/Ubuntu: apt-get install postgresql、macOS: brew install postgresql@17)、"+
			"KYODO_PG_BIN にプログラムのフォルダーを、または KYODO_DATABASE_URL に既存のサーバーを指定してください。"+
			" (install PostgreSQL, or set KYODO_PG_BIN to the folder of its programs or KYODO_DATABASE_URL to a server)", ErrNoBinaries, oldest)
	}
	for _, b := range found {
		if b.fit(major) == nil {
			return b, nil
		}
	}
	return binaries{}, found[0].fit(major)
}

func (b binaries) fit(major int) error {
	if major == 0 || b.major == major {
		return nil
	}
	return fmt.Errorf("%[1]w: データは PostgreSQL %[2]d で作られていますが、見つかったのは %[3]d です。PostgreSQL %[2]d をインストールするか、pg_upgrade で移行してください。"+
		" (the data folder was made by version %[2]d, found is %[3]d: install version %[2]d or migrate with pg_upgrade)", ErrNoBinaries, major, b.major)
}

// installed lists every usable Postgres, the preferred first.
func installed(ctx context.Context) []binaries {
	var found []binaries
	if path, err := exec.LookPath("postgres"); err == nil {
		if b, err := inspect(ctx, filepath.Dir(resolve(path))); err == nil {
			found = append(found, b)
		}
	}
	var rest []binaries
	for _, pattern := range packaged {
		folders, _ := filepath.Glob(pattern) // the patterns are constant and well formed
		for _, folder := range folders {
			if b, err := inspect(ctx, folder); err == nil {
				rest = append(rest, b)
			}
		}
	}
	slices.SortStableFunc(rest, func(a, b binaries) int { return cmp.Compare(b.major, a.major) })
	return append(found, rest...)
}

var version = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

func inspect(ctx context.Context, folder string) (binaries, error) {
	b := binaries{folder: folder}
	if _, err := os.Stat(b.initdb()); err != nil {
		return binaries{}, err
	}
	output, err := exec.CommandContext(ctx, b.postgres(), "--version").Output()
	if err != nil {
		return binaries{}, fmt.Errorf("ask %s for its version: %w", b.postgres(), err)
	}
	match := version.FindSubmatch(output)
	if match == nil {
		return binaries{}, fmt.Errorf("%s does not tell its version: %q", b.postgres(), output)
	}
	b.major, err = strconv.Atoi(string(match[1]))
	if err != nil {
		return binaries{}, fmt.Errorf("read the version of %s: %w", b.postgres(), err)
	}
	if b.major < oldest {
		return binaries{}, fmt.Errorf("%s is version %d, needed is %d or later", b.postgres(), b.major, oldest)
	}
	return b, nil
}

// resolve follows links, because initdb stands beside the real file.
func resolve(path string) string {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		return target
	}
	return path
}
