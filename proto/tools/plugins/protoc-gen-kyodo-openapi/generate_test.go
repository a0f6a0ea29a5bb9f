package main

import (
	"flag"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bufbuild/protocompile"
	"github.com/google/go-cmp/cmp"
	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	_ "google.golang.org/genproto/googleapis/api/httpbody" // registers the file the example imports
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/pluginpb"
)

var update = flag.Bool("update", false, "write what is generated into testdata")

const (
	contractRoot = "../../.." // proto/
	golden       = "testdata/openapi.json"
)

// TestGenerate holds the document of the example contract against the golden
// file. After a wanted change: go test ./... -update.
func TestGenerate(t *testing.T) {
	request := compile(t, "kyodo/demo/v1/things.proto", "kyodo/options/v1/options.proto")
	got, err := generate(request, exec.Command("go", "tool", "protoc-gen-openapiv3"))
	if err != nil {
		t.Fatal(err)
	}
	mustBeOpenAPI(t, got)
	again, err := generate(request, exec.Command("go", "tool", "protoc-gen-openapiv3"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(got), string(again)); diff != "" {
		t.Errorf("two runs differ (-first +second):\n%s", diff)
	}
	if *update {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("document (-want +got):\n%s", diff)
	}
}

// TestCommittedDocument proves that what the edge serves is OpenAPI 3.1.
func TestCommittedDocument(t *testing.T) {
	document, err := os.ReadFile(filepath.Join(contractRoot, "gen/openapi/openapi.json"))
	if err != nil {
		t.Fatal(err)
	}
	mustBeOpenAPI(t, document)
}

func TestRefusesRulesThatDoNotCompile(t *testing.T) {
	request := compile(t, "kyodo/demo/v1/broken.proto")
	_, err := generate(request, exec.Command("go", "tool", "protoc-gen-openapiv3"))
	if err == nil || !strings.Contains(err.Error(), "rules of kyodo.demo.v1.Broken") {
		t.Errorf("error = %v, want one that names the message", err)
	}
}

func mustBeOpenAPI(t *testing.T, document []byte) {
	t.Helper()
	parsed, err := libopenapi.NewDocument(document)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parsed.BuildV3Model(); err != nil {
		t.Fatal(err)
	}
	checker, problems := validator.NewValidator(parsed)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	if ok, findings := checker.ValidateDocument(); !ok {
		for _, finding := range findings {
			t.Errorf("%s: %s", finding.Message, finding.Reason)
			for _, detail := range finding.SchemaValidationErrors {
				t.Errorf("  %s: %s", detail.KeywordLocation, detail.Reason)
			}
		}
	}
}

// compile answers the request a compiler would send for those files.
func compile(t *testing.T, names ...string) []byte {
	t.Helper()
	compiler := protocompile.Compiler{
		SourceInfoMode: protocompile.SourceInfoStandard,
		Resolver: protocompile.CompositeResolver{
			&protocompile.SourceResolver{ImportPaths: []string{"testdata", contractRoot}},
			protocompile.ResolverFunc(func(path string) (protocompile.SearchResult, error) {
				file, err := protoregistry.GlobalFiles.FindFileByPath(path)
				return protocompile.SearchResult{Desc: file}, err
			}),
		},
	}
	files, err := compiler.Compile(t.Context(), names...)
	if err != nil {
		t.Fatal(err)
	}
	request := &pluginpb.CodeGeneratorRequest{FileToGenerate: names}
	seen := map[string]bool{}
	for _, file := range files {
		add(request, seen, file)
	}
	encoded, err := proto.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	return encoded
}

// add appends a file behind everything it imports.
func add(request *pluginpb.CodeGeneratorRequest, seen map[string]bool, file protoreflect.FileDescriptor) {
	if seen[file.Path()] {
		return
	}
	seen[file.Path()] = true
	for i := range file.Imports().Len() {
		add(request, seen, file.Imports().Get(i).FileDescriptor)
	}
	plain := proto.CloneOf(protodesc.ToFileDescriptorProto(file))
	if plain.GetOptions().GetGoPackage() == "" { // as buf fills it in
		if plain.Options == nil {
			plain.Options = &descriptorpb.FileOptions{}
		}
		plain.Options.GoPackage = proto.String("example.com/" + path.Dir(file.Path()))
	}
	request.ProtoFile = append(request.ProtoFile, plain)
}
