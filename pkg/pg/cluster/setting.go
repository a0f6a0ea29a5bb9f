package cluster

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

// settings fit a machine of two cores and 4 GiB. The log keeps neither statements nor the values of a refused row: they
// may hold personal data. It is one file a weekday, written over after a week.
var settings = map[string]string{
	"cluster_name":                     "kyodo",
	"shared_buffers":                   "128MB",
	"max_connections":                  "100",
	"wal_level":                        "replica",
	"fsync":                            "on",
	"synchronous_commit":               "on",
	"full_page_writes":                 "on",
	"min_wal_size":                     "80MB",
	"max_wal_size":                     "512MB", // bounds recovery well below 30 s
	"checkpoint_timeout":               "5min",
	"checkpoint_completion_target":     "0.9",
	"jit":                              "off",
	"random_page_cost":                 "1.1",
	"client_connection_check_interval": "2s", // a query ends soon after the client that asked for it
	"timezone":                         "UTC",
	"log_timezone":                     "UTC",
	"lc_messages":                      "C",
	"logging_collector":                "on",
	"log_directory":                    "log",
	"log_filename":                     "postgresql-%a.log",
	"log_rotation_age":                 "1d",
	"log_rotation_size":                "0",
	"log_truncate_on_rotation":         "on",
	"log_line_prefix":                  "%m [%p] %u@%d ",
	"log_error_verbosity":              "terse",
	"log_min_error_statement":          "panic",
}

// durable are the settings that must not be off for a commit to survive a power cut.
var durable = []string{"fsync", "full_page_writes", "synchronous_commit"}

// arguments are the settings as the postmaster takes them. Those that keep the cluster private come last and win.
func (c *Cluster) arguments() []string {
	all := maps.Clone(settings)
	maps.Copy(all, c.config.Settings)
	all["listen_addresses"] = ""
	all["port"] = port
	all["unix_socket_directories"] = `"` + strings.ReplaceAll(c.folder.socket, `"`, `""`) + `"`
	all["unix_socket_permissions"] = "0700"
	var arguments []string
	for _, name := range slices.Sorted(maps.Keys(all)) {
		arguments = append(arguments, "-c", name+"="+all[name])
	}
	return arguments
}

// unsafe reports whether the configuration gives durability up.
func (c *Cluster) unsafe() bool {
	return slices.ContainsFunc(durable, func(name string) bool { return c.config.Settings[name] == "off" })
}

// CheckDurability refuses a server, or a role on it, whose commits would not survive a power cut: fsync,
// full_page_writes and synchronous_commit must not be off. Ask with the role that will write, because settings can be
// given to a role. The error names the settings to change.
func CheckDurability(ctx context.Context, conn *pgx.Conn) error {
	rows, err := conn.Query(ctx, `
		SELECT name
		FROM pg_settings
		WHERE name = ANY($1)
		  AND setting = 'off'
		ORDER BY name`, durable)
	if err != nil {
		return fmt.Errorf("cluster: read the durability settings: %w", err)
	}
	off, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return fmt.Errorf("cluster: read the durability settings: %w", err)
	}
	if len(off) > 0 {
		names := strings.Join(off, ", ")
		return fmt.Errorf("PostgreSQL の設定 %[1]s が off のため、停電時に確定済みのデータが失われるおそれがあります。on に変更してください。"+
			" (PostgreSQL would lose committed rows in a power cut: set %[1]s to on)", names)
	}
	return nil
}
