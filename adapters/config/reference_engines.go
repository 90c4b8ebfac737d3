package config

import (
	"fmt"
	"regexp"
	"strconv"
)

// defaultDatabase is the embedded store of development.
const defaultDatabase = "sqlite:journey.db"

const databaseName = "DATABASE_URL"

func databaseSettings(d *Database) []Setting {
	return []Setting{
		{
			Name: databaseName, Secret: true, Default: defaultDatabase, value: into(&d.URL, databaseURL),
			Description: "Where records and the bank are kept: in a file (embedded, nothing to install, one process serves from it) or in PostgreSQL, the Supabase project's own, directly or through its pooler. Required in production.",
			Example:     "postgres://journey:PASSWORD@db.abcdefgh.supabase.co:5432/postgres?sslmode=require",
		},
		{
			Name: "DATABASE_SCHEMA", Default: "journey", value: into(&d.Schema, schemaName),
			Description: "The schema in PostgreSQL that everything lives in. Keep it out of the schemas that the project's REST interface exposes.",
		},
		{
			Name: "MIGRATE_ON_START", Default: "true", value: into(&d.MigrateOnStart, boolean),
			Description: "Whether the service brings the database's schema up to date before it serves; without it, run journey-api migrate.",
		},
	}
}

func masterySettings(m *Mastery) []Setting {
	return []Setting{
		{
			Name: "BKT_MASTERED", Default: "0.95", value: into(&m.Mastered, fraction),
			Description: "A concept counts as mastered at this probability or above.",
		},
		{
			Name: "BANK_OPEN", Default: "false", value: into(&m.OpenBank, boolean),
			Description: "Whether answers to concepts and items that the bank does not have are taken, which adds these to the bank.",
		},
		{
			Name: "MASTERY_GRAPH", Default: string(GraphOff), value: into(&m.Graph, oneOf(GraphOff, GraphNeo4j)),
			Description: "Whether what students know is written to Neo4j too, in the background, for the platform's other programs.",
		},
	}
}

func practiceSettings(p *Practice) []Setting {
	return []Setting{
		{
			Name: "ADAPTIVE_READY", Default: "0.85", value: into(&p.Ready, fraction),
			Description: "A concept needs no practice at this probability of mastery or above. It is not BKT_MASTERED, at which one counts as mastered.",
		},
		{
			Name: "ADAPTIVE_RANDOMESQUE", Default: "1", value: into(&p.Randomesque, wholeNumber(1, 1000)),
			Description: "The next question is one of so many best ones, drawn at random, so that not everybody gets the same.",
		},
		{
			Name: "ADAPTIVE_CRITERION", Default: "information", value: into(&p.Criterion, oneOf("information", "weighted_information", "mepv")),
			Description: "Which question of a concept is best: the one with most information at the estimated ability, the one with most on average over the possible abilities, or the one after which the variance is expected to be smallest (mepv).",
		},
		{
			Name: "ABILITY_DRIFT", Default: "0.005", value: into(&p.Drift, drift),
			Description: "How much the variance of a student's ability grows from one answer to the next, since people learn; 0 for an ability that stays the same.",
		},
		{
			Name: "CONCEPT_GRAPH", Default: string(GraphDatabase), value: into(&p.Graph, oneOf(GraphDatabase, GraphNeo4j)),
			Description: "Where practice reads prerequisites: from the bank, in the database, or from Neo4j. While Neo4j can't be reached, what was read from it last is used.",
		},
		{
			Name: "CONCEPT_GRAPH_LABEL", Default: "SubConcept", value: into(&p.Label, nameInGraph),
			Description: "With CONCEPT_GRAPH=neo4j, the label of concepts.",
		},
		{
			Name: "CONCEPT_GRAPH_KEY", Default: "code", value: into(&p.Key, nameInGraph),
			Description: "With CONCEPT_GRAPH=neo4j, the property that has a concept's id.",
		},
		{
			Name: "CONCEPT_GRAPH_RELATIONSHIP", Default: "PREREQUISITE_OF", value: into(&p.Relationship, nameInGraph),
			Description: "With CONCEPT_GRAPH=neo4j, the type of the relationships that lead from a prerequisite to what builds on it.",
		},
	}
}

var drift = kind[float64]{"a number from 0 to 0.04", func(value string) (float64, error) {
	number, err := strconv.ParseFloat(value, 64)
	if err != nil || !(number >= 0 && number <= .04) {
		return 0, fmt.Errorf("%s is not from 0 to 0.04", quote(value))
	}
	return number, nil
}}

var graphPattern = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,63}$`)

var nameInGraph = kind[string]{"a name of A-Z, a-z, 0-9 and _ that does not begin with a digit", func(value string) (string, error) {
	if !graphPattern.MatchString(value) {
		return "", fmt.Errorf("%s is no name in a graph that needs no quotes", quote(value))
	}
	return value, nil
}}
