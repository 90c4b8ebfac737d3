package mastery

import (
	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/bank"
)

// findInBank finds the answer's concept and item in the part of the bank that the student's institution sees. An open
// bank adds what it does not have.
func (d *Decision) findInBank(found *AnswerData, scope bank.Scope, change *Change) error {
	isOpen := d.service.config.OpenBank
	switch {
	case found.Concept == nil && isOpen:
		found.Concept = &bank.Concept{ID: d.answer.ConceptID, Weight: 1}
		change.Concept = found.Concept
	case found.Concept == nil || !scope.Sees(found.Concept.InstitutionID):
		return errNoConcept
	}
	switch {
	case found.Item == nil && isOpen:
		found.Item = &bank.Item{ID: d.answer.ItemID, ConceptID: d.answer.ConceptID}
		change.Item = found.Item
	case found.Item == nil || !scope.Sees(found.Item.InstitutionID):
		return core.NewValidationError(core.Violation{Field: "item_id", Message: "is not in the bank"})
	case found.Item.ConceptID != d.answer.ConceptID:
		return core.NewValidationError(core.Violation{Field: "item_id", Message: "is an item of another concept"})
	}
	return nil
}

// grade decides whether the answer is right: by the item's key if the bank has one, else by what the caller says.
func (a Answer) grade(item bank.Item) (correct bool, by Grader, err error) {
	switch {
	case a.Unanswered:
		return false, GradedByService, nil
	case item.Key == "" && a.Correct == nil:
		return false, "", core.NewValidationError(core.Violation{
			Field: "correct", Message: "is required: the bank has no key for this item",
		})
	case item.Key == "":
		return *a.Correct, GradedByCaller, nil
	case a.Response == nil:
		return false, "", core.NewValidationError(
			core.Violation{Field: "correct", Message: "is not taken: this item is graded by the bank's key"},
			core.Violation{Field: "response", Message: "is required: this item is graded by the bank's key"},
		)
	case !item.HasOption(*a.Response):
		return false, "", core.NewValidationError(core.Violation{
			Field: "response", Message: "is none of the item's options",
		})
	default:
		return *a.Response == item.Key, GradedByService, nil
	}
}

// errNoConcept is for a concept that the bank does not have, and for one of another institution.
var errNoConcept = core.NewNotFoundError("There is no such concept")
