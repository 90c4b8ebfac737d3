package demo_test

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/journey-os/journey-api/core/demo"
)

// rightAnswers holds one item of each kind of arithmetic against a result worked out by hand from the item's stem.
var rightAnswers = map[string]struct{ stem, answer string }{
	"cardiac-output-04":            {"A heart beats at 70 beats/min with a stroke volume of 72 mL. What is the cardiac output?", "5.04 L/min"},
	"mean-arterial-pressure-04":    {"Compute the mean arterial pressure of a patient with 120 mmHg over 72 mmHg.", "88 mmHg"},
	"anion-gap-04":                 {"Compute the anion gap: Na 138 mmol/L, Cl 97 mmol/L, HCO₃ 13 mmol/L.", "28 mmol/L"},
	"number-needed-to-treat-04":    {"The risk falls from 0.27 to 0.10. How many patients must be treated to prevent one event?", "5.88"},
	"half-life-04":                 {"A drug has a volume of distribution of 32 L and a clearance of 4.8 L/h. What is its half-life?", "4.62 h"},
	"fick-principle-04":            {"By the Fick principle, compute the output from a consumption of 240 mL/min and contents of 18.4 mL/dL (arterial) and 11.2 mL/dL (mixed venous).", "3.33 L/min"},
	"vascular-resistance-04":       {"Compute the systemic vascular resistance at a MAP of 75 mmHg, a CVP of 9 mmHg and an output of 4.4 L/min.", "1200 dyn·s/cm⁵"},
	"positive-predictive-value-04": {"Compute the positive predictive value at a prevalence of 0.08, a sensitivity of 0.88 and a specificity of 0.78.", "25.8%"},
	"infusion-rate-04":             {"A patient who weighs 75 kg gets a vasopressor at 5 µg/kg/min from a solution of 1.4 mg/mL. What is the pump's rate?", "16.1 mL/h"},
	"expected-pco2-04":             {"Bicarbonate is 10 mmol/L in a pure metabolic acidosis. What is the compensated pCO₂ by Winter's formula?", "23 mmHg"},
	"odds-ratio-04":                {"Compute the odds ratio of a case-control study: exposed 55 cases and 39 controls, unexposed 39 cases and 92 controls.", "3.33"},
}

func TestAnswersAreThoseWorkedOutByHand(t *testing.T) {
	got := map[string]struct{ stem, answer string }{}
	for _, item := range demo.NewBank().Items {
		if _, known := rightAnswers[item.ID]; known {
			got[item.ID] = struct{ stem, answer string }{item.Stem, textOf(item, item.Key)}
		}
	}
	if diff := cmp.Diff(rightAnswers, got, cmp.AllowUnexported(struct{ stem, answer string }{})); diff != "" {
		t.Errorf("worked out by hand (-), computed (+):\n%s", diff)
	}
}

func TestEveryConceptHasTwelveItemsOfFiveOptions(t *testing.T) {
	bank := demo.NewBank()
	if len(bank.Concepts) < 24 {
		t.Errorf("%d concepts, want at least 24", len(bank.Concepts))
	}
	items := map[string]int{}
	for _, item := range bank.Items {
		items[item.ConceptID]++
		checkOptions(t, item)
	}
	for _, concept := range bank.Concepts {
		if items[concept.ID] != demo.ItemsPerConcept || concept.Name == "" || concept.Weight < 1 {
			t.Errorf("%+v has %d items", concept, items[concept.ID])
		}
	}
}

func checkOptions(t *testing.T, item demo.Item) {
	t.Helper()
	seen := map[string]bool{}
	var right []string
	last := -1e9
	for _, option := range item.Options {
		value, err := strconv.ParseFloat(number.FindString(option.Text), 64)
		if seen[option.Text] || err != nil || value <= last {
			t.Errorf("%s: option %q is there twice, has no number, or is out of order", item.ID, option.Text)
		}
		seen[option.Text], last = true, value
		if option.Mistake == "" {
			right = append(right, option.Key)
		}
	}
	if len(item.Options) != 5 || !slices.Equal(right, []string{item.Key}) {
		t.Errorf("%s: %d options, right are %v, the key is %q", item.ID, len(item.Options), right, item.Key)
	}
	if strings.ContainsAny(item.Stem+item.Explanation, "{}") || !strings.Contains(item.Explanation, textOf(item, item.Key)) {
		t.Errorf("%s: %q, %q", item.ID, item.Stem, item.Explanation)
	}
}

var number = regexp.MustCompile(`^-?[0-9.]+`)

func textOf(item demo.Item, key string) string {
	at := slices.IndexFunc(item.Options, func(o demo.Option) bool { return o.Key == key })
	if at < 0 {
		return ""
	}
	return item.Options[at].Text
}

func TestIDsAndStemsAreUnique(t *testing.T) {
	seen := map[string]bool{}
	valid := regexp.MustCompile(`^[A-Za-z0-9._:~-]{1,128}$`)
	for _, item := range demo.NewBank().Items {
		for _, text := range []string{item.ID, item.Stem} {
			if seen[text] {
				t.Errorf("%q is there twice", text)
			}
			seen[text] = true
		}
		if !valid.MatchString(item.ID) || !valid.MatchString(item.ConceptID) {
			t.Errorf("the platform takes no id %q", item.ID)
		}
	}
}

func TestPrerequisitesComeFirst(t *testing.T) {
	bank := demo.NewBank()
	order := map[string]int{}
	for at, concept := range bank.Concepts {
		order[concept.ID] = at + 1
	}
	for _, edge := range bank.Prerequisites {
		if order[edge.PrerequisiteID] == 0 || order[edge.PrerequisiteID] >= order[edge.ConceptID] {
			t.Errorf("%s does not come before %s", edge.PrerequisiteID, edge.ConceptID)
		}
	}
}

func TestTheKeyIsAtEveryPlace(t *testing.T) {
	places := map[string]int{}
	bank := demo.NewBank()
	for _, item := range bank.Items {
		places[item.Key]++
	}
	for _, key := range []string{"A", "B", "C", "D", "E"} {
		if share := float64(places[key]) / float64(len(bank.Items)); share < 0.03 || share > 0.4 {
			t.Errorf("%s is the key of %.0f%% of the items", key, 100*share)
		}
	}
}
