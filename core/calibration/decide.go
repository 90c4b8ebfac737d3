package calibration

import (
	"fmt"
	"slices"

	"github.com/journey-os/journey-api/core/irt"
)

// leastCommon is how many items a run has to share with those in force to be put on their scale.
const leastCommon = 5

// decide decides whether a run comes into force, and returns its result on the scale of the decision.
func decide(scale *Scale, result irt.Result) (Decision, irt.Result) {
	from := make(map[string]irt.Params, len(result.Items))
	for _, item := range result.Items {
		from[item.ID] = item.Params
	}
	onto, common := scale.params(), 0
	for id := range onto {
		if _, has := from[id]; has {
			common++
		}
	}
	decision := Decision{CoversAll: common == len(onto)}
	why := fmt.Sprintf("shares %d items with those in force, fewer than %d", common, leastCommon)
	if common >= leastCommon {
		line, err := irt.Link(from, onto)
		if err == nil {
			decision.Linking, decision.Applied = &line, true
			return decision, moved(result, line)
		}
		why = fmt.Sprintf("shares %d items with those in force, and the difficulties of nearly all have moved", common)
	}
	if decision.CoversAll { // the first run, or one through which nothing of the others shows
		decision.Applied = true
		return decision, result
	}
	decision.NotApplied = fmt.Sprintf(
		"The run %s, so that it can't be put on their scale; and it does not have all of the %d items in force, so that it can't replace the scale", why, len(onto))
	return decision, result
}

// moved puts all of a result on another scale. It shares nothing with result that it changes.
func moved(result irt.Result, line irt.Linking) irt.Result {
	result.Items, result.Nodes, result.People = slices.Clone(result.Items), slices.Clone(result.Nodes), slices.Clone(result.People)
	for k := range result.Items {
		item := &result.Items[k]
		item.Params, item.SE = line.Params(item.Params), line.StandardErrors(item.SE)
	}
	for k := range result.Nodes {
		result.Nodes[k].Theta = line.Slope*result.Nodes[k].Theta + line.Intercept
	}
	for k := range result.People {
		person := &result.People[k]
		person.Theta, person.SD = line.Slope*person.Theta+line.Intercept, line.Slope*person.SD
	}
	return result
}
