package portstest

import (
	"fmt"
	"slices"
	"testing"

	"github.com/journey-os/journey-api/core"
	"github.com/journey-os/journey-api/core/bank"
	"github.com/journey-os/journey-api/core/practice"
)

func listsOfSessions(t *testing.T, s *practiceFixture) {
	ctx := t.Context()
	opened := map[string][]string{}
	for n := range 6 {
		student := []string{"ana", "ben"}[n%2]
		view, err := s.open(ctx, student, practice.Plan{Scope: []string{fmt.Sprint("c", n)}, Questions: 3})
		must(t, err)
		if n < 4 {
			_, err = s.service.Complete(ctx, practises(student, core.RecordPractice), view.ID)
			must(t, err)
		}
		opened[student] = slices.Insert(opened[student], 0, view.ID)
		opened[""] = slices.Insert(opened[""], 0, view.ID)
	}
	staff := func(role core.Role, institution string) *core.RecordAccess {
		return core.NewRecordAccess(core.RecordRead, core.AuthTokenPayload{Subject: "staff", Role: role, InstitutionID: institution})
	}
	for name, list := range map[string]struct {
		access *core.RecordAccess
		query  practice.ListQuery
		want   []string
		total  int
	}{
		"a student's own":     {practises("ana", core.RecordRead), practice.ListQuery{}, opened["ana"], 3},
		"a page":              {practises("ben", core.RecordRead), practice.ListQuery{Page: bank.Page{Limit: 1, Offset: 1}}, opened["ben"][1:2], 3},
		"past the end":        {practises("ben", core.RecordRead), practice.ListQuery{Page: bank.Page{Offset: 9}}, nil, 3},
		"the active one":      {practises("ana", core.RecordRead), practice.ListQuery{Status: practice.StatusActive}, opened["ana"][:1], 1},
		"an advisor's":        {staff(core.RoleAdvisor, "inst-1"), practice.ListQuery{}, opened[""], 6},
		"of one student":      {staff(core.RoleFaculty, "inst-1"), practice.ListQuery{StudentID: "ben", Status: practice.StatusCompleted}, opened["ben"][1:], 2},
		"another institution": {staff(core.RoleFaculty, "inst-2"), practice.ListQuery{}, nil, 0},
		"a superadmin's":      {staff(core.RoleSuperadmin, ""), practice.ListQuery{Page: bank.Page{Limit: 2}}, opened[""][:2], 6},
	} {
		if list.query.Limit == 0 {
			list.query.Limit = 100
		}
		views, total, err := s.service.List(ctx, list.access, list.query)
		var got []string
		for _, view := range views {
			got = append(got, view.ID)
		}
		if err != nil || total != list.total || !slices.Equal(got, list.want) {
			t.Errorf("%s: %v of %d, want %v: %v", name, got, total, list.want, err)
		}
	}
	wantCode(t, core.CodeNotFound, func() error {
		_, _, err := s.service.List(ctx, staff(core.RoleFaculty, "inst-2"), practice.ListQuery{StudentID: "ben", Page: bank.Page{Limit: 1}})
		return err
	})
	wantCode(t, core.CodeSessionNotFound, func() error {
		_, err := s.service.Show(ctx, staff(core.RoleFaculty, "inst-2"), opened["ben"][0])
		return err
	})
}
