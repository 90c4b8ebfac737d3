package check

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/resource"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/kustomize/kyaml/yaml"
)

const (
	kubernetesFolder = "deploy/kubernetes"
	overlay          = "overlays/production"
	container0       = "Deployment spec template spec containers 0 "
)

// objects are Kubernetes' by their kind.
type objects map[string]*resource.Resource

// rendered is what `kubectl apply -k` would apply.
func rendered(t *testing.T, folder string) objects {
	t.Helper()
	made, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), folder)
	if err != nil {
		t.Fatal(err)
	}
	kinds := objects{}
	for _, object := range made.Resources() {
		kinds[object.GetKind()] = object
	}
	return kinds
}

func production(t *testing.T) objects {
	t.Helper()
	return rendered(t, filepath.Join(root, kubernetesFolder, overlay))
}

// at decodes what is at a path: an object's kind, names of fields and indices, with spaces between.
func at[T any](t *testing.T, kinds objects, path string) (value T) {
	t.Helper()
	parts := strings.Fields(path)
	object := kinds[parts[0]]
	if object == nil {
		t.Fatalf("there is no %s", parts[0])
	}
	node, err := object.Pipe(yaml.Lookup(parts[1:]...))
	if err != nil || node == nil {
		t.Fatalf("there is no %s: %v", path, err)
	}
	var tree any
	err = node.YNode().Decode(&tree)
	text, _ := json.Marshal(tree)
	if err := errors.Join(err, json.Unmarshal(text, &value)); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return value
}

// wantAt compares what is at some paths.
func wantAt(t *testing.T, kinds objects, want map[string]any) {
	t.Helper()
	got := map[string]any{}
	for path := range want {
		got[path] = at[any](t, kinds, path)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestKustomizeRendersEveryFileIntoOneNamespaceAndNoSecret(t *testing.T) {
	kinds := production(t)
	if kinds["Secret"] != nil {
		t.Error("a Secret stands in the files")
	}
	for kind, object := range kinds {
		if kind != "Namespace" && object.GetNamespace() != kinds["Namespace"].GetName() {
			t.Errorf("%s is in namespace %q", kind, object.GetNamespace())
		}
	}
	files, err := filepath.Glob(filepath.Join(root, kubernetesFolder, "base/*.yaml"))
	if err != nil || len(files) != len(kinds) { // the kustomization among them, the ConfigMap not
		t.Errorf("%d files for %d objects: %v", len(files), len(kinds), err)
	}
}

func TestThePodHasNoMoreRightsThanItNeeds(t *testing.T) {
	wantAt(t, production(t), map[string]any{
		"Deployment spec template spec automountServiceAccountToken": false,
		"Deployment spec template spec enableServiceLinks":           false,
		"Deployment spec template spec securityContext": map[string]any{
			"runAsNonRoot": true, "runAsUser": 65532., "runAsGroup": 65532., "seccompProfile": map[string]any{"type": "RuntimeDefault"},
		},
		container0 + "securityContext": map[string]any{
			"allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true, "capabilities": map[string]any{"drop": []any{"ALL"}},
		},
	})
}

func TestEveryManifestSpeaksOfTheSamePods(t *testing.T) {
	kinds := production(t)
	labels := at[any](t, kinds, "Deployment spec template metadata labels")
	wantAt(t, kinds, map[string]any{
		"Deployment spec selector":                         map[string]any{"matchLabels": labels},
		"Service spec selector":                            labels,
		"PodDisruptionBudget spec selector":                map[string]any{"matchLabels": labels},
		"NetworkPolicy spec podSelector":                   map[string]any{"matchLabels": labels},
		"HorizontalPodAutoscaler spec scaleTargetRef kind": "Deployment",
		"HorizontalPodAutoscaler spec scaleTargetRef name": kinds["Deployment"].GetName(),
		container0 + "envFrom 0 configMapRef name":         kinds["ConfigMap"].GetName(),
	})
	least := at[int](t, kinds, "HorizontalPodAutoscaler spec minReplicas")
	if budget := at[int](t, kinds, "PodDisruptionBudget spec maxUnavailable"); budget >= least {
		t.Errorf("%d of %d copies may be taken away at once", budget, least)
	}
}

// TestTheComponentsFitTheManifests renders the overlay as a cluster with the Gateway API and the Prometheus operator
// would have it.
func TestTheComponentsFitTheManifests(t *testing.T) {
	folder := t.TempDir()
	if err := os.CopyFS(folder, os.DirFS(filepath.Join(root, kubernetesFolder))); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(kubernetesFolder, overlay, "kustomization.yaml")
	write(t, filepath.Join(folder, overlay, "kustomization.yaml"),
		strings.NewReplacer("components: []", "components:", "#  - ../../components", "  - ../../components").Replace(read(t, file)))
	kinds := rendered(t, filepath.Join(folder, overlay))
	wantAt(t, kinds, map[string]any{
		"HTTPRoute spec rules 0 backendRefs 0 name": kinds["Service"].GetName(),
		"HTTPRoute spec rules 0 backendRefs 0 port": at[any](t, kinds, "Service spec ports 0 port"),
		"PodMonitor spec selector":                  at[any](t, kinds, "Deployment spec selector"),
	})
	monitored := at[string](t, kinds, "PodMonitor spec podMetricsEndpoints 0 port")
	ports := at[[]struct{ Name string }](t, kinds, container0+"ports")
	if !slices.Contains(ports, struct{ Name string }{monitored}) {
		t.Errorf("no port of the pod is called %q", monitored)
	}
}
