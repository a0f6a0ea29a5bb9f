// Package check holds the files of deploy/ against what reads them: Kubernetes'
// own types, and the settings that the program knows.
package check

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"
)

// kinds are the objects that the manifests may hold.
var kinds = map[string]func() any{
	"ConfigMap":           func() any { return &corev1.ConfigMap{} },
	"Deployment":          func() any { return &appsv1.Deployment{} },
	"Job":                 func() any { return &batchv1.Job{} },
	"Namespace":           func() any { return &corev1.Namespace{} },
	"NetworkPolicy":       func() any { return &networkingv1.NetworkPolicy{} },
	"PodDisruptionBudget": func() any { return &policyv1.PodDisruptionBudget{} },
	"Service":             func() any { return &corev1.Service{} },
	"StatefulSet":         func() any { return &appsv1.StatefulSet{} },
}

func TestManifestsAreWhatKubernetesReads(t *testing.T) {
	for _, folder := range []string{"../kubernetes", "../kubernetes/migrate"} {
		built, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), folder)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range built.Resources() {
			text, err := r.AsYAML()
			if err != nil {
				t.Fatal(err)
			}
			object, known := kinds[r.GetKind()]
			if !known {
				t.Errorf("%s %s: no such kind in kinds", r.GetKind(), r.GetName())
				continue
			}
			if err := yaml.UnmarshalStrict(text, object()); err != nil {
				t.Errorf("%s %s: %v", r.GetKind(), r.GetName(), err)
			}
		}
	}
}

// The program refuses to start with a variable that it does not know.
func TestSettingsAreKnown(t *testing.T) {
	known := find(t, "../../services/cmd/kyodo", `env:"(KYODO_[A-Z0-9_]+)"`)
	for name := range find(t, "..", `\b(KYODO_[A-Z0-9_]+)\b`) {
		if _, ok := known[name]; !ok {
			t.Errorf("%s is no setting of kyodo", name)
		}
	}
}

// A service that is added to the program is added here, too.
func TestEveryServiceIsDeployed(t *testing.T) {
	services := find(t, "../../services/cmd/internal/installed/installed.go", `\b([a-z]+)\.Module\b`)
	if len(services) == 0 {
		t.Fatal("no modules found")
	}
	for service := range services {
		if service == "service" {
			continue
		}
		for file, wanted := range map[string]string{
			"../compose.yaml":                    fmt.Sprintf("command: [%s]", service),
			"../kubernetes/kustomization.yaml":   fmt.Sprintf("- %s.yaml", service),
			"../kubernetes/" + service + ".yaml": fmt.Sprintf("args: [%s]", service),
			"../nats/nats.conf":                  fmt.Sprintf("{user: %s,", service),
			"../nats/nats.yaml":                  "NATS_PASSWORD_" + strings.ToUpper(service),
			"../postgres/passwords.sh":           fmt.Sprintf("ALTER ROLE kyodo_%s PASSWORD", service),
			"../README.md":                       "kyodo-key-" + service,
		} {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Error(err)
			} else if !strings.Contains(string(text), wanted) {
				t.Errorf("%s does not hold %q", file, wanted)
			}
		}
	}
}

// The gauges and counters of a dashboard exist in the program.
func TestDashboardsShowWhatIsMeasured(t *testing.T) {
	measured := map[string]string{}
	for _, folder := range []string{"../../pkg", "../../gateway", "../../services"} {
		for name, file := range find(t, folder, `"(kyodo_[a-z0-9_]+)"`) {
			measured[name] = file
		}
	}
	for name, file := range find(t, "../dashboards", `\b(kyodo_[a-z0-9_]+)\b`) {
		base := regexp.MustCompile(`_(bucket|count|sum)$`).ReplaceAllString(name, "")
		if measured[name] == "" && measured[base] == "" {
			t.Errorf("%s: nothing measures %s", file, name)
		}
	}
}

// find returns the first group of every match in the text files below path,
// with a file that holds it.
func find(t *testing.T, path, pattern string) map[string]string {
	t.Helper()
	re := regexp.MustCompile(pattern)
	found := map[string]string{}
	err := filepath.WalkDir(path, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		if !slices.Contains([]string{".go", ".yaml", ".json", ".md", ""}, filepath.Ext(file)) || strings.HasSuffix(file, "_test.go") {
			return nil
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		for _, match := range re.FindAllSubmatch(text, -1) {
			found[string(match[1])] = file
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
