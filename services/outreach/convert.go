package outreach

import (
	"google.golang.org/protobuf/proto"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
)

// invalid refuses a field for what jp says of it.
func invalid(path string, why *jp.ParseError) error {
	return fault.ErrInvalidField.On(fault.Wrong(path, why.Ja, why.En))
}

// fieldPaths are the paths that an update mask of an input message may have: its
// fields but those named.
func fieldPaths(input proto.Message, but ...string) []string {
	fields := input.ProtoReflect().Descriptor().Fields()
	fixed := map[string]bool{"etag": true}
	for _, name := range but {
		fixed[name] = true
	}
	var paths []string
	for i := range fields.Len() {
		if name := string(fields.Get(i).Name()); !fixed[name] {
			paths = append(paths, name)
		}
	}
	return paths
}

// merge puts the fields that paths name from in over those of old, which it
// returns: what the author would have written for the resource as it shall be.
func merge[M proto.Message](old, in M, paths rpc.Paths) M {
	dst, src := old.ProtoReflect(), in.ProtoReflect()
	fields := dst.Descriptor().Fields()
	for i := range fields.Len() {
		f := fields.Get(i)
		if !paths.Has(string(f.Name())) {
			continue
		}
		dst.Clear(f)
		if src.Has(f) {
			dst.Set(f, src.Get(f))
		}
	}
	return old
}
