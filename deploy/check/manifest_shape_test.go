package check

import (
	"maps"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
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
	files, err := filepath.Glob(filepath.Join(root, manifestFolder, "*.yaml"))
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
