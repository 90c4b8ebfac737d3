package check

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

func TestKustomizeRendersEveryFileIntoOneNamespaceAndNoSecret(t *testing.T) {
	want := []string{"ConfigMap", "Deployment", "HorizontalPodAutoscaler", "Namespace", "NetworkPolicy", "PodDisruptionBudget", "Service"}
	kinds := manifests(t)
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(kinds))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for kind, object := range kinds {
		if kind != "Namespace" && object.Metadata.Namespace != kinds["Namespace"].Metadata.Name {
			t.Errorf("%s is in namespace %q", kind, object.Metadata.Namespace)
		}
	}
	files, err := filepath.Glob(filepath.Join(root, baseFolder, "*.yaml"))
	if err != nil || len(files) != len(want) { // the kustomization among them, the ConfigMap not
		t.Errorf("%d files for %d objects: %v", len(files), len(want), err)
	}
}

func TestThePodHasNoMoreRightsThanItNeeds(t *testing.T) {
	no := false
	pod := podOf(manifests(t))
	got := []any{pod.AutomountServiceAccountToken, pod.EnableServiceLinks, pod.SecurityContext, pod.Containers[0].SecurityContext}
	want := []any{&no, &no, map[string]any{
		"runAsNonRoot": true, "runAsUser": 65532., "runAsGroup": 65532., "seccompProfile": map[string]any{"type": "RuntimeDefault"},
	}, map[string]any{
		"allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true, "capabilities": map[string]any{"drop": []any{"ALL"}},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestEveryManifestSpeaksOfTheSamePods(t *testing.T) {
	kinds := manifests(t)
	labels := kinds["Deployment"].Spec.Template.Metadata.Labels
	matching := map[string]any{"matchLabels": labels}
	want := []any{matching, labels, matching, matching, "Deployment", kinds["Deployment"].Metadata.Name, kinds["ConfigMap"].Metadata.Name}
	got := []any{
		kinds["Deployment"].Spec.Selector, kinds["Service"].Spec.Selector, kinds["PodDisruptionBudget"].Spec.Selector,
		kinds["NetworkPolicy"].Spec.PodSelector, kinds["HorizontalPodAutoscaler"].Spec.ScaleTargetRef.Kind,
		kinds["HorizontalPodAutoscaler"].Spec.ScaleTargetRef.Name, podOf(kinds).Containers[0].EnvFrom[0].ConfigMapRef.Name,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if budget, least := kinds["PodDisruptionBudget"].Spec.MaxUnavailable, kinds["HorizontalPodAutoscaler"].Spec.MinReplicas; budget >= least {
		t.Errorf("%d of %d copies may be taken away at once", budget, least)
	}
}

// TestTheComponentsFitTheManifests renders the overlay as a cluster with the Gateway API and the Prometheus operator
// would have it.
func TestTheComponentsFitTheManifests(t *testing.T) {
	overlay := strings.Replace(string(read(t, filepath.Join(manifestFolder, "kustomization.yaml"))), "components: []\n", "components:\n", 1)
	for _, line := range []string{"  - ../../components/gateway", "  - ../../components/prometheus-operator"} {
		if !strings.Contains(overlay, "\n#"+line) {
			t.Fatalf("the overlay does not offer %q", line)
		}
		overlay = strings.Replace(overlay, "\n#"+line, "\n"+line, 1)
	}
	files := filesys.MakeFsInMemory()
	for _, folder := range []string{baseFolder, manifestFolder, "deploy/kubernetes/components/gateway", "deploy/kubernetes/components/prometheus-operator"} {
		copyFolder(t, files, folder)
	}
	if err := files.WriteFile(filepath.Join(manifestFolder, "kustomization.yaml"), []byte(overlay)); err != nil {
		t.Fatal(err)
	}
	kinds := rendered(t, files, manifestFolder)
	backend := kinds["HTTPRoute"].Spec.Rules[0].BackendRefs[0]
	service := kinds["Service"]
	if backend.Name != service.Metadata.Name || backend.Port != service.Spec.Ports[0].Port {
		t.Errorf("the route leads to %+v, the service is %+v", backend, service)
	}
	monitor := kinds["PodMonitor"].Spec
	labels := map[string]any{"matchLabels": kinds["Deployment"].Spec.Template.Metadata.Labels}
	if diff := cmp.Diff(labels, monitor.Selector); diff != "" {
		t.Errorf("the monitor looks for other pods (-pods +monitor):\n%s", diff)
	}
	if port := monitor.PodMetricsEndpoints[0].Port; !slices.ContainsFunc(podOf(kinds).Containers[0].Ports, func(p containerPort) bool { return p.Name == port }) {
		t.Errorf("no port of the pod is called %q", port)
	}
}

func copyFolder(t *testing.T, into filesys.FileSystem, folder string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(root, folder))
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		path := filepath.Join(folder, entry.Name())
		if err := into.WriteFile(path, read(t, path)); err != nil {
			t.Fatal(err)
		}
	}
}
