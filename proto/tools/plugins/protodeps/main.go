// Command protodeps prints the .proto files the contract imports from the
// descriptors compiled into their Go packages, so that a build needs the Go
// module proxy but no schema registry.
//
//	protodeps proto/.deps
//
// Comments are lost: Go packages carry no source information.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	"github.com/jhump/protoreflect/v2/protoprint"
	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/genproto/googleapis/api/httpbody"
	"google.golang.org/genproto/googleapis/rpc/code"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// roots are the files a contract may import; what they import comes with them.
var roots = []protoreflect.FileDescriptor{
	annotations.File_google_api_annotations_proto,
	annotations.File_google_api_field_behavior_proto,
	annotations.File_google_api_resource_proto,
	httpbody.File_google_api_httpbody_proto,
	code.File_google_rpc_code_proto,
	errdetails.File_google_rpc_error_details_proto,
	status.File_google_rpc_status_proto,
	validate.File_buf_validate_validate_proto,
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: protodeps FOLDER")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "protodeps:", err)
		os.Exit(1)
	}
}

func run(folder string) error {
	files := map[string]protoreflect.FileDescriptor{}
	for _, root := range roots {
		collect(files, root)
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return fmt.Errorf("make folder: %w", err)
	}
	if err := os.WriteFile(filepath.Join(folder, ".gitignore"), []byte("*\n"), 0o644); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	printer := protoprint.Printer{Compact: true}
	for path, file := range files {
		text, err := printer.PrintProtoToString(file)
		if err != nil {
			return fmt.Errorf("print %s: %w", path, err)
		}
		target := filepath.Join(folder, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return fmt.Errorf("make folder: %w", err)
		}
		if err := os.WriteFile(target, []byte(text), 0o644); err != nil {
			return fmt.Errorf("write: %w", err)
		}
	}
	return nil
}

// collect adds file and everything it imports. The google/protobuf files stay
// out: every compiler brings its own.
func collect(files map[string]protoreflect.FileDescriptor, file protoreflect.FileDescriptor) {
	if strings.HasPrefix(file.Path(), "google/protobuf/") || files[file.Path()] != nil {
		return
	}
	files[file.Path()] = file
	for i := range file.Imports().Len() {
		collect(files, file.Imports().Get(i).FileDescriptor)
	}
}
