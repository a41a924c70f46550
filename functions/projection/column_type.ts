export type { ColumnType, TimeFormat } from './types/column_type.ts';
