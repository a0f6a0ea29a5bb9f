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
