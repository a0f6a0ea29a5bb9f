module github.com/chiyoda-kyodo/kyodo/services

go 1.26.0

require (
	github.com/chiyoda-kyodo/kyodo/gateway v0.0.0
	github.com/chiyoda-kyodo/kyodo/pkg v0.0.0
	github.com/chiyoda-kyodo/kyodo/proto v0.0.0
)

require (
	github.com/alecthomas/kong v1.17.0 // indirect
	github.com/goccy/go-yaml v1.19.2 // indirect
)

replace github.com/chiyoda-kyodo/kyodo/proto => ../proto

replace github.com/chiyoda-kyodo/kyodo/pkg => ../pkg

replace github.com/chiyoda-kyodo/kyodo/gateway => ../gateway
