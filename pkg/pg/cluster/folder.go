package cluster

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// longestSocket is the longest path of a unix socket that every system takes (Linux 107 bytes, macOS 103).
const longestSocket = 103

// ErrInUse says that another process holds the cluster's folder.
var ErrInUse = errors.New("データフォルダーは別のプロセスが使用中です。先に起動した kyodo を終了してください" +
	" (the data folder is in use by another process: stop that one first)")

// account is the user that Postgres runs as, when it is not our own.
type account struct {
	name     string
	uid, gid int
}

// folder is the cluster's place in the file system:
//
//	lock        held with flock while a process uses the cluster
//	data/       the server's data, with its log in data/log
//	run/        the unix socket
//	socket      where the socket is instead, if the server could not make it in run/
//	start.log   what the server said before it opened its log
type folder struct {
	dir     string // absolute
	data    string
	socket  string
	account *account // nil: our own user
	blocked string   // the folder above that the account cannot traverse; "" when it can reach dir
	lock    *os.File
}

// open takes the folder for this process and decides who runs Postgres and where its socket is.
func open(dir string, log *slog.Logger) (*folder, error) {
	dir, err := makeFolder(dir)
	if err != nil {
		return nil, err
	}
	f := &folder{dir: dir, data: filepath.Join(dir, "data")}
	if err := f.acquire(); err != nil {
		return nil, err
	}
	if err := f.place(log); err != nil {
		return nil, errors.Join(err, f.close())
	}
	return f, nil
}

func (f *folder) place(log *slog.Logger) error {
	var err error
	if f.account, err = f.runAs(); err != nil {
		return err
	}
	if f.blocked = f.account.blocked(f.dir); f.blocked != "" {
		if handOver == "" {
			return fmt.Errorf("PostgreSQL を実行するユーザー %[1]s が %[2]s に入れません。chmod o+x %[2]s を実行するか、別のデータフォルダーを指定してください。"+
				" (user %[1]s, who runs PostgreSQL, cannot traverse %[2]s: chmod o+x it or choose another data folder)", f.account.name, f.blocked)
		}
		log.Info("postgres cannot traverse a folder above its data; it is handed the open data folder instead", "folder", f.blocked, "user", f.account.name)
	}
	if err := f.account.own(f.dir); err != nil {
		return err
	}
	return f.placeSocket()
}

// argument is how a child reaches the given folder, and the file to hand over for that, if any. The caller closes it.
func (f *folder) argument(path string) (string, *os.File, error) {
	if f.blocked == "" {
		return path, nil, nil
	}
	file, err := os.Open(path)
	if err != nil {
		return "", nil, fmt.Errorf("cluster: %w", err)
	}
	return handOver, file, nil
}

// makeFolder makes the folder when it is missing and refuses one that holds other things, because its owner and mode
// are going to be changed.
func makeFolder(dir string) (string, error) {
	if dir == "" {
		return "", errors.New("cluster: no folder is configured")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("cluster: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o711); err != nil { // traversable: Postgres may run as another user
		return "", fmt.Errorf("cluster: make the folder above: %w", err)
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", fmt.Errorf("cluster: make the folder: %w", err)
	}
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return "", fmt.Errorf("cluster: %w", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", fmt.Errorf("cluster: %w", err)
	}
	names := make([]string, 0, len(entries))
	for _, entry := range entries {
		if entry.Name() != "lost+found" {
			names = append(names, entry.Name())
		}
	}
	if len(names) > 0 && !slices.Contains(names, "lock") {
		return "", fmt.Errorf("%[1]s には別のファイルがあります。空のフォルダーを指定してください。 (%[1]s holds other files: name an empty folder)", dir)
	}
	return dir, nil
}

// acquire locks the folder. The kernel frees the lock when the process ends, however it ends.
func (f *folder) acquire() error {
	path := filepath.Join(f.dir, "lock")
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("cluster: open the lock: %w", err)
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err != nil {
		if errors.Is(err, syscall.EWOULDBLOCK) {
			holder, _ := os.ReadFile(path) // only to name the process in the message
			err = fmt.Errorf("%w: %s, pid %s", ErrInUse, f.dir, bytes.TrimSpace(holder))
		} else {
			err = fmt.Errorf("cluster: lock %s: %w", path, err)
		}
		return errors.Join(err, file.Close())
	}
	f.lock = file
	if err := file.Truncate(0); err != nil {
		return errors.Join(fmt.Errorf("cluster: write the lock: %w", err), f.close())
	}
	if _, err := file.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0); err != nil {
		return errors.Join(fmt.Errorf("cluster: write the lock: %w", err), f.close())
	}
	return nil
}

func (f *folder) close() error {
	if f.lock == nil {
		return nil
	}
	err := f.lock.Close()
	f.lock = nil
	return err
}

// placeSocket chooses a folder that only the server's user can enter: whoever reaches the socket may be any role.
func (f *folder) placeSocket() error {
	f.socket = filepath.Join(f.dir, "run")
	if f.blocked != "" || !fits(f.socket) {
		return f.placeSocketApart()
	}
	if err := os.Mkdir(f.socket, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("cluster: make the socket folder: %w", err)
	}
	return f.account.own(f.socket)
}

func (f *folder) placeSocketApart() error {
	note := filepath.Join(f.dir, "socket")
	if content, err := os.ReadFile(note); err == nil {
		f.socket = strings.TrimSpace(string(content))
		if f.account.ownsPrivately(f.socket) {
			return nil
		}
	}
	above := os.TempDir()
	if !fits(filepath.Join(above, "kyodo-pg-0123456789")) || f.account.blocked(filepath.Join(above, "kyodo-pg-")) != "" {
		above = "/tmp"
	}
	socket, err := os.MkdirTemp(above, "kyodo-pg-")
	if err != nil {
		return fmt.Errorf("cluster: make the socket folder: %w", err)
	}
	if err := os.WriteFile(note, []byte(socket+"\n"), 0o600); err != nil {
		return errors.Join(fmt.Errorf("cluster: note the socket folder: %w", err), os.Remove(socket))
	}
	f.socket = socket
	return f.account.own(socket)
}

// removeSocket deletes the socket folder apart, if there is one.
func (f *folder) removeSocket() {
	note := filepath.Join(f.dir, "socket")
	content, err := os.ReadFile(note)
	if err != nil {
		return
	}
	_ = os.Remove(note) // without its folder the note is ignored
	socket := strings.TrimSpace(string(content))
	for _, name := range []string{".s.PGSQL." + port, ".s.PGSQL." + port + ".lock", ""} {
		_ = os.Remove(filepath.Join(socket, name)) // a left empty folder does no harm
	}
}

// fits reports whether the socket's path is short enough. A comma would separate hosts in a URL.
func fits(socket string) bool {
	return !strings.Contains(socket, ",") && len(filepath.Join(socket, ".s.PGSQL."+port)) <= longestSocket
}

// major is the version that made the data folder; 0 when there is none yet.
func (f *folder) major() (int, error) {
	content, err := os.ReadFile(filepath.Join(f.data, "PG_VERSION"))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("cluster: %w", err)
	}
	major, err := strconv.Atoi(strings.TrimSpace(string(content)))
	if err != nil {
		return 0, fmt.Errorf("cluster: read the version of the data folder: %w", err)
	}
	return major, nil
}

// status is what postmaster.pid tells: the process in line 1 and its state in line 8, which is blank while it is absent.
func (f *folder) status() (pid int, status string) {
	content, err := os.ReadFile(filepath.Join(f.data, "postmaster.pid"))
	if err != nil {
		return 0, ""
	}
	lines := strings.Split(string(content), "\n")
	pid, err = strconv.Atoi(strings.TrimSpace(lines[0]))
	if err != nil {
		return 0, ""
	}
	if len(lines) > 7 {
		status = strings.TrimSpace(lines[7])
	}
	return pid, status
}

func (f *folder) postmasterPID() int {
	pid, _ := f.status()
	return pid
}

// lastWords are the ends of the start log and of the newest server log, for the error of a failed start.
func (f *folder) lastWords() string {
	var words []string
	for _, path := range []string{filepath.Join(f.dir, "start.log"), newest(filepath.Join(f.data, "log"))} {
		content, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		lines := strings.Split(strings.TrimSpace(string(content)), "\n")
		words = append(words, lines[max(0, len(lines)-6):]...)
	}
	return strings.Join(words, "\n")
}

func newest(dir string) string {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return ""
	}
	var latest os.FileInfo
	for _, entry := range entries {
		info, err := entry.Info()
		if err == nil && (latest == nil || info.ModTime().After(latest.ModTime())) {
			latest = info
		}
	}
	if latest == nil {
		return ""
	}
	return filepath.Join(dir, latest.Name())
}

// runAs decides who runs Postgres, which refuses root: the owner of the existing data, else postgres, else nobody. It is
// nil when we are not root.
func (f *folder) runAs() (*account, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	if info, err := os.Stat(filepath.Join(f.dir, "data")); err == nil {
		if stat, ok := info.Sys().(*syscall.Stat_t); ok && stat.Uid != 0 {
			return &account{name: "uid " + strconv.Itoa(int(stat.Uid)), uid: int(stat.Uid), gid: int(stat.Gid)}, nil
		}
	}
	for _, name := range []string{"postgres", "nobody"} {
		found, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, uidErr := strconv.Atoi(found.Uid)
		gid, gidErr := strconv.Atoi(found.Gid)
		if err := errors.Join(uidErr, gidErr); err != nil {
			return nil, fmt.Errorf("cluster: user %s: %w", name, err)
		}
		return &account{name: name, uid: uid, gid: gid}, nil
	}
	return nil, errors.New("PostgreSQL は root では動きません。ユーザー postgres を作成してください。 (PostgreSQL refuses to run as root: create the user postgres)")
}
