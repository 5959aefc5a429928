"""Pictures in the cells of tables and in the tooltips of charts."""
