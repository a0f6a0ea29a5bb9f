package facilities

import (
	"google.golang.org/protobuf/proto"

	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
)

// merge writes into an empty input what a resource says in the fields of the same
// name, and over it what in says in the fields of the mask.
func merge[I proto.Message](into I, resource, in proto.Message, paths rpc.Paths) I {
	dst, old, src := into.ProtoReflect(), resource.ProtoReflect(), in.ProtoReflect()
	fields := dst.Descriptor().Fields()
	for i := range fields.Len() {
		f := fields.Get(i)
		if paths.Has(string(f.Name())) {
			if src.Has(f) {
				dst.Set(f, src.Get(f))
			}
			continue
		}
		if from := old.Descriptor().Fields().ByName(f.Name()); from != nil && old.Has(from) {
			dst.Set(f, old.Get(from))
		}
	}
	return into
}

// pathsOf are the paths that an update mask of an input may have: all but those
// that are set at creation only.
func pathsOf(input proto.Message, atCreation ...string) []string {
	fixed := map[string]bool{"etag": true}
	for _, name := range atCreation {
		fixed[name] = true
	}
	fields := input.ProtoReflect().Descriptor().Fields()
	var paths []string
	for i := range fields.Len() {
		if name := string(fields.Get(i).Name()); !fixed[name] {
			paths = append(paths, name)
		}
	}
	return paths
}
