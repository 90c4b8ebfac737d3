package datafile_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/journey-os/journey-api/adapters/datafile"
	"github.com/journey-os/journey-api/core/bkt"
)

func readAnswers(t *testing.T, content string) ([]datafile.ConceptAnswers, error) {
	t.Helper()
	file, err := datafile.Open(t.Context(), datafile.Stdin, strings.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	return datafile.ReadAnswers(file)
}

func TestAnswersAreGatheredByConceptAndStudent(t *testing.T) {
	for _, test := range []struct{ name, content string }{
		{"in the order of rows without timestamps",
			"student_id,concept_id,correct\ns2,b,1\ns1,a,0\ns2,b,0\ns1,a,1\ns1,b,1\n"},
		{"by timestamp, then in the order of rows",
			"correct,note,timestamp,concept_id,student_id\n0,x,2026-01-01T00:00:02Z,b,s2\n1,x,2026-01-01T00:00:01.999999Z,b,s2\n" +
				"0,x,2026-01-01T00:00:00Z,a,s1\n1,x,2026-01-01T01:00:00+01:00,a,s1\n1,x,2025-01-01T00:00:00Z,b,s1\n"},
		{"words and decimals for outcomes",
			"student_id,concept_id,correct\ns2,b,TRUE\ns1,a,0.0\ns2,b,false\ns1,a,1.0\ns1,b,true\n"},
		{"a column of empty timestamps", "student_id,concept_id,correct,timestamp\ns2,b,1,\ns1,a,0,\ns2,b,0,\ns1,a,1,\ns1,b,1,\n"},
		{"JSON lines", `{"student_id":"s2","concept_id":"b","correct":true}
{"student_id":"s1","concept_id":"a","correct":0}
{"student_id":"s2","concept_id":"b","correct":false}
{"student_id":"s1","concept_id":"a","correct":1}
{"student_id":"s1","concept_id":"b","correct":1}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := readAnswers(t, test.content)
			if err != nil {
				t.Fatal(err)
			}
			want := []datafile.ConceptAnswers{
				{Concept: "a", Students: []bkt.Student{{ID: "s1", Answers: []bool{false, true}}}},
				{Concept: "b", Students: []bkt.Student{{ID: "s2", Answers: []bool{true, false}}, {ID: "s1", Answers: []bool{true}}}},
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestFaultsOfAnswersAreToldWithTheirLines(t *testing.T) {
	for _, test := range []struct{ name, content, want string }{
		{"a missing column", "student_id,correct\ns,1\n",
			`standard input: line 1: column concept_id is missing: the header has "student_id", "correct"`},
		{"no answer", "student_id,concept_id,correct\n", "standard input: there is no answer in it"},
		{"every kind of fault", "student_id,concept_id,correct,timestamp\ns,c,1,2026-01-01T00:00:00Z\n,c,1,2026-01-01T00:00:00Z\n" +
			"s,,1,2026-01-01T00:00:00Z\ns,c,2,2026-01-01T00:00:00Z\ns,c,,2026-01-01T00:00:00Z\ns,c,1,\ns,c,1,yesterday\ns,c\n",
			"standard input: 7 faults:\n  line 3: student_id is empty\n  line 4: concept_id is empty\n  line 5: correct is \"2\": it is 0 or 1\n" +
				"  line 6: correct is \"\": it is 0 or 1\n  line 7: timestamp is empty, and the rows before have one\n" +
				"  line 8: timestamp is \"yesterday\": it is a time such as 2026-03-01T09:30:00Z (RFC 3339)\n  line 9: has 2 fields, and the header has 4"},
		{"ids that look the same", "student_id,concept_id,correct\ns,c,1\ns ,c,1\ns, c,1\n",
			"standard input: 2 faults:\n  line 3: student_id is \"s \": white space stands at an end\n  line 4: concept_id is \" c\": white space stands at an end"},
		{"a timestamp that comes late", "student_id,concept_id,correct,timestamp\ns,c,1,\ns,c,1,2026-01-01T00:00:00Z\n",
			"standard input: line 3: timestamp is there, and the rows before have none"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := readAnswers(t, test.content)
			if err == nil || err.Error() != test.want || got != nil {
				t.Errorf("got %v, %v\nwant %s", got, err, test.want)
			}
		})
	}
}
