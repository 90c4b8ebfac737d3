package config

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
			Description: "The probability from which on a concept counts as mastered.",
		},
		{
			Name: "BANK_OPEN", Default: "false", value: into(&m.OpenBank, boolean),
			Description: "Whether answers to concepts and items that the bank does not have are taken, and bring them into it.",
		},
	}
}
