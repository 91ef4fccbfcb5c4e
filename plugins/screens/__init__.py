"""The pages that the Airflow plugin serves."""
